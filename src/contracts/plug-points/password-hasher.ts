import type { Lifecycle } from './lifecycle.ts';

/** Setting PASSWORD_HASHERS. The first one hashes; the one whose `recognizes` says yes verifies. */
export interface PasswordHasher extends Lifecycle {
  readonly name: string;
  hash(password: string): Promise<string>;
  /** Whether `hash` is of this hasher's making. */
  recognizes(hash: string): boolean;
  verify(password: string, hash: string): Promise<boolean>;
  /** Whether `hash` was made with weaker parameters than this hasher uses now. */
  needsRehash(hash: string): boolean;
}
