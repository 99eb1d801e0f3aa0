import type { Fault } from '../wire.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { PlugPoint } from './plug-point.ts';

/** A `message` is sent as it is; the result of `fault(id, values)` is sent in the language of the client. */
export type PasswordProblem = Omit<Fault, 'param'>;

/** Setting AUTH_PASSWORD_VALIDATORS. */
export interface PasswordValidator extends Lifecycle {
  /** What is wrong with the password; `null` if nothing is. `user`: what is known about its owner. Called outside transactions. */
  validate(password: string, user: { username?: string; email?: string }): PasswordProblem | null | Promise<PasswordProblem | null>;
}

export const passwordValidator: PlugPoint<PasswordValidator> = {
  shape: 'PasswordValidator',
  kind: 'password-validator',
  noun: 'a password validator',
  summary: 'says what is wrong with a password',
  methods: {
    validate: 'required',
  },
};
