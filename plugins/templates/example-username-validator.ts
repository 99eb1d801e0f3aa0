import type { UsernameValidator } from 'allauth-kit/plugin';

const RESERVED = new Set(['admin', 'root', 'support']);

/** Config: `ACCOUNT_USERNAME_VALIDATORS: './plugins/example-username-validator.ts#ExampleUsernameValidator'` */
export class ExampleUsernameValidator implements UsernameValidator {
  /** What is wrong with the user name; empty where nothing is. */
  validate(username: string): { code: string; message: string }[] {
    return RESERVED.has(username.toLowerCase()) ? [{ code: 'username_reserved', message: 'This user name is reserved.' }] : [];
  }
}
