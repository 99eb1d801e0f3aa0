import { z } from 'zod';
import { addFault, REQUIRED, text } from '../http/input.ts';
import { fault } from '../texts/faults.ts';
import type { SignupForm } from '../contracts/plug-points/account-adapter.ts';
import type { Kit } from '../kit/kit.ts';
import type { Contact } from './flows/login-code.ts';
import type { PasswordLogin } from './flows/login.ts';
import { checkSignup, type Signup } from './flows/signup.ts';
import { emailInput, newEmailInput, signupFields, usernameInput } from './identity.ts';
import { newPhoneInput, phoneInput } from './phone-input.ts';

/** A member that the settings leave out: any value counts as ''. */
const ABSENT = z
  .unknown()
  .optional()
  .transform(() => '');

/**
 * The members that ACCOUNT_SIGNUP_FIELDS names, and those that the account adapter keeps (`cleanSignup`). Reports all errors at once. Must be parsed
 * asynchronously.
 */
export function signupInput(kit: Kit) {
  const fields = signupFields(kit.settings);
  const extras = new WeakMap<object, SignupForm['extra']>();
  return z
    .looseObject({
      email: fields.has('email') ? newEmailInput(kit, fields.get('email') === true) : ABSENT,
      email2: fields.has('email2') ? emailInput(kit.settings, fields.get('email2') === true) : ABSENT,
      username: fields.has('username') ? usernameInput(kit, fields.get('username') === true) : ABSENT,
      phone: fields.has('phone') ? newPhoneInput(kit, fields.get('phone') === true) : ABSENT,
      password: fields.has('password1') ? text({ required: fields.get('password1') === true }) : ABSENT,
    })
    .superRefine(async (members, context) => {
      const { faults, extra } = await checkSignup(kit, members);
      extras.set(members, extra);
      if (
        fields.has('email2') &&
        typeof members.email === 'string' &&
        typeof members.email2 === 'string' &&
        members.email !== members.email2
      ) {
        faults.push({ ...fault('invalid.email_again'), param: 'email2' });
      }
      for (const each of faults) addFault(context, each);
    }, ALWAYS)
    .transform((members): Signup => {
      const { email, username, phone, password } = members;
      return { email, username, phone, password, extra: extras.get(members) ?? {} };
    });
}

/** Also if a member is malformed, so that all errors are reported at once. */
const ALWAYS = { when: () => true };

/** An address or, with phone among ACCOUNT_LOGIN_METHODS, a number. Source: allauth `RequestLoginCodeForm`. */
export function loginCodeInput({ settings }: Kit) {
  const isOn = settings.ACCOUNT_LOGIN_BY_CODE_ENABLED;
  const methods = settings.ACCOUNT_LOGIN_METHODS;
  const hasPhone = methods.includes('phone');
  const hasEmail = methods.includes('email') || !hasPhone;
  return z
    .object({
      email: hasEmail ? emailInput(settings, isOn && !hasPhone) : ABSENT,
      phone: hasPhone ? phoneInput({ required: isOn && !hasEmail }) : ABSENT,
    })
    .transform(({ email, phone }, context): Contact => {
      if (email && phone) {
        addFault(context, fault('select_only_one'));
        return z.NEVER;
      }
      if (isOn && !email && !phone) {
        addFault(context, { ...REQUIRED, param: 'email' });
        return z.NEVER;
      }
      return phone ? { phone } : { email };
    });
}

/**
 * An identifier by exactly one of ACCOUNT_LOGIN_METHODS (else `invalid_login`), and a password. Members of other methods are ignored.
 * Source: allauth `LoginInput`.
 */
export function loginInput({ settings }: Kit) {
  const methods = settings.ACCOUNT_LOGIN_METHODS;
  const only = methods.length === 1;
  return z
    .object({
      email: methods.includes('email') ? emailInput(settings, only) : ABSENT,
      username: methods.includes('username') ? text({ required: only }) : ABSENT,
      phone: methods.includes('phone') ? phoneInput({ required: only }) : ABSENT,
      password: text(),
    })
    .transform(({ email, username, phone, password }, context): PasswordLogin => {
      if ([email, username, phone].filter(Boolean).length !== 1) {
        addFault(context, fault('invalid_login'));
        return z.NEVER;
      }
      return { by: email ? { email } : username ? { username } : { phone }, password };
    });
}
