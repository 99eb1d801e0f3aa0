import type { Fault } from '../wire.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { PlugPoint } from './plug-point.ts';

/** Setting ACCOUNT_USERNAME_VALIDATORS. */
export interface UsernameValidator extends Lifecycle {
  /** What is wrong with a username that the other settings allow; empty if nothing is. Also called for generated names. */
  validate(username: string): readonly Omit<Fault, 'param'>[];
}

export const usernameValidator: PlugPoint<UsernameValidator> = {
  shape: 'UsernameValidator',
  kind: 'username-validator',
  noun: 'a validator of user names',
  summary: 'says what is wrong with a user name',
  methods: {
    validate: 'required',
  },
};
