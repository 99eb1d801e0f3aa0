import type { PasswordProblem, PasswordValidator } from 'allauth-kit/plugin';

/** Config: `AUTH_PASSWORD_VALIDATORS: [{ NAME: 'django.contrib.auth.password_validation.MinimumLengthValidator' }, { NAME: './plugins/example-password-validator.ts#ExamplePasswordValidator' }]` */
export class ExamplePasswordValidator implements PasswordValidator {
  /** What is wrong with the password, null where nothing is. Passwords are never to be logged. */
  validate(password: string): PasswordProblem | null {
    if (new Set(password).size >= 5) return null;
    return { code: 'password_too_uniform', message: 'This password has fewer than five different characters.' };
  }
}
