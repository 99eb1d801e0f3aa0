import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Setting PASSWORD_HASHERS. The first one hashes new passwords; a stored hash is verified by the one that recognizes it. */
export interface PasswordHasher extends Lifecycle {
  readonly name: string;
  hash(password: string): Promise<string>;
  /** Whether `hash` was made by this hasher. */
  recognizes(hash: string): boolean;
  verify(password: string, hash: string): Promise<boolean>;
  /** Whether `hash` was made with weaker parameters than the current ones. */
  needsRehash(hash: string): boolean;
}

export const passwordHasher: PlugPoint<PasswordHasher> = {
  shape: 'PasswordHasher',
  kind: 'password-hasher',
  noun: 'a password hasher',
  summary: 'hashes passwords',
  methods: {
    hash: 'required',
    recognizes: 'required',
    verify: 'required',
    needsRehash: 'required',
  },
};
