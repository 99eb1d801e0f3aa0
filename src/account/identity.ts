import type { UserRecord } from '../contracts/records.ts';
import type { WireError } from '../contracts/wire.ts';
import type { Settings } from '../settings/index.ts';
import { email, text, type Fault } from '../http/input.ts';
import type { Kit } from '../kit/kit.ts';
import { newId } from '../kit/random.ts';

/** The fields of a signup form that the server asks for, by name, with whether they are required. Setting ACCOUNT_SIGNUP_FIELDS. */
export function signupFields({ ACCOUNT_SIGNUP_FIELDS }: Settings): Map<string, boolean> {
  return new Map(ACCOUNT_SIGNUP_FIELDS.map((field) => [field.replace(/\*$/, ''), field.endsWith('*')]));
}

/** Django's longest user name, in characters. */
export const USERNAME_MAX_LENGTH = 150;

/** Letters, digits and @ . + - _ in any script. Source: Django `UnicodeUsernameValidator`. */
const USERNAME = /^[\p{L}\p{N}\p{M}_.@+-]+$/u;

/** A user name as ACCOUNT_USERNAME_MIN_LENGTH, _BLACKLIST and _VALIDATORS allow it. Whether it is taken is not looked at. */
export function usernameInput(kit: Kit, required: boolean) {
  return text({ required, max: USERNAME_MAX_LENGTH, check: (name) => usernameFaults(kit, name) });
}

/** An address of at most ACCOUNT_EMAIL_MAX_LENGTH characters. */
export function emailInput(settings: Settings, required: boolean) {
  return email({ required, max: settings.ACCOUNT_EMAIL_MAX_LENGTH });
}

/** What is wrong with a user name, but for its being taken. */
export function usernameFaults({ settings, plugins }: Kit, name: string): Fault[] {
  const { ACCOUNT_USERNAME_MIN_LENGTH: min, ACCOUNT_USERNAME_BLACKLIST: blacklist } = settings;
  const faults: Fault[] = [];
  if (name.length < min)
    faults.push({ code: 'min_length', message: `Ensure this value has at least ${min} characters (it has ${name.length}).` });
  if (!USERNAME.test(name)) {
    faults.push({ code: 'invalid', message: 'Enter a valid username: letters, numbers, and @/./+/-/_ characters only.' });
  }
  if (blacklist.some((each) => each.toLowerCase() === name.toLowerCase())) {
    faults.push({ code: 'username_blacklisted', message: 'This username cannot be used. Please choose another one.' });
  }
  return faults.length > 0 ? faults : [...(plugins.ACCOUNT_USERNAME_VALIDATORS?.validate(name) ?? [])];
}

/** An active user who is yet to be stored. */
export function newUserRecord(
  kit: Kit,
  { username, email, passwordHash, isStaff = false }: Pick<UserRecord, 'username' | 'email' | 'passwordHash'> & { isStaff?: boolean },
): UserRecord {
  return {
    id: newId(),
    username: kit.settings.ACCOUNT_PRESERVE_USERNAME_CASING ? username : username.toLowerCase(),
    passwordHash,
    isActive: true,
    isStaff,
    email,
    createdAt: kit.now(),
    lastLoginAt: null,
  };
}

export const EMAIL_TAKEN: WireError = {
  code: 'email_taken',
  message: 'A user is already registered with this email address.',
  param: 'email',
};

export const USERNAME_TAKEN: WireError = {
  code: 'username_taken',
  message: 'This username is already taken. Please choose another.',
  param: 'username',
};
