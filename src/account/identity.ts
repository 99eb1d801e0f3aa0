import type { UserRecord } from '../contracts/records.ts';
import type { Fault } from '../contracts/wire.ts';
import type { Settings } from '../settings/index.ts';
import { cleanedBy, email, text } from '../http/input.ts';
import type { Kit } from '../kit/kit.ts';
import { newId } from '../kit/random.ts';
import { fault } from '../texts/faults.ts';

/** The fields of the signup form by name, with whether they are required. Setting ACCOUNT_SIGNUP_FIELDS. */
export function signupFields({ ACCOUNT_SIGNUP_FIELDS }: Settings): Map<string, boolean> {
  return new Map(ACCOUNT_SIGNUP_FIELDS.map((field) => [field.replace(/\*$/, ''), field.endsWith('*')]));
}

/** Longest username in characters, as in Django. */
export const USERNAME_MAX_LENGTH = 150;

/** Letters, digits and @ . + - _ in any script. Source: Django `UnicodeUsernameValidator`. */
const USERNAME = /^[\p{L}\p{N}\p{M}_.@+-]+$/u;

/** A well-formed username that the account adapter accepts (`cleanUsername`). Does not check whether it is taken. */
export function usernameInput(kit: Kit, required: boolean) {
  const formed = text({ required, max: USERNAME_MAX_LENGTH, check: (name) => usernameFaults(kit, name) });
  return cleanedBy(formed, (name) => kit.plugins.ACCOUNT_ADAPTER.cleanUsername(name, { shallow: false }));
}

/** An address of at most ACCOUNT_EMAIL_MAX_LENGTH characters, for look-ups. */
export function emailInput(settings: Settings, required: boolean) {
  return email({ required, max: settings.ACCOUNT_EMAIL_MAX_LENGTH });
}

/** As `emailInput`, for a new address: the account adapter has to accept it (`cleanEmail`). */
export function newEmailInput(kit: Kit, required: boolean) {
  return cleanedBy(emailInput(kit.settings, required), (address) => kit.plugins.ACCOUNT_ADAPTER.cleanEmail(address));
}

/** Returns the errors in the form of a username. */
export function usernameFaults({ settings }: Kit, name: string): Fault[] {
  const min = settings.ACCOUNT_USERNAME_MIN_LENGTH;
  const faults: Fault[] = [];
  if (name.length < min) faults.push(fault('min_length', { min, length: name.length }));
  if (!USERNAME.test(name)) faults.push(fault('invalid.username'));
  return faults;
}

/** Returns the errors that ACCOUNT_USERNAME_BLACKLIST and ACCOUNT_USERNAME_VALIDATORS find in a username. */
export function usernameRefusals({ settings, plugins }: Kit, name: string): Fault[] {
  if (settings.ACCOUNT_USERNAME_BLACKLIST.some((each) => each.toLowerCase() === name.toLowerCase())) {
    return [fault('username_blacklisted')];
  }
  return [...(plugins.ACCOUNT_USERNAME_VALIDATORS?.validate(name) ?? [])];
}

/** Returns an active user to store. */
export function newUserRecord(
  kit: Kit,
  { username, email, hasPassword, isStaff = false }: Pick<UserRecord, 'username' | 'email' | 'hasPassword'> & { isStaff?: boolean },
): UserRecord {
  return {
    id: newId(),
    username: kit.settings.ACCOUNT_PRESERVE_USERNAME_CASING ? username : username.toLowerCase(),
    hasPassword,
    isActive: true,
    isStaff,
    credentialsVersion: 0,
    email,
    createdAt: kit.now(),
    lastLoginAt: null,
    extra: {},
  };
}

export const EMAIL_TAKEN: Fault = { ...fault('email_taken'), param: 'email' };

export const USERNAME_TAKEN: Fault = { ...fault('username_taken'), param: 'username' };
