import { createRequire } from 'node:module';
import type { Fault } from '../contracts/wire.ts';
import { cleanedBy, text } from '../http/input.ts';
import type { Kit } from '../kit/kit.ts';
import { fault } from '../texts/faults.ts';

type Library = typeof import('libphonenumber-js/min');

/** Most characters of a phone number in any spelling. */
const MAX_LENGTH = 40;

const INVALID: Fault = fault('invalid_phone');

export const PHONE_TAKEN: Fault = { ...fault('phone_taken'), param: 'phone' };

export const SAME_PHONE: Fault = { ...fault('same_as_current'), param: 'phone' };

/**
 * A phone number with its country code, returned in E.164; '' if it is absent and not required. Ignores blanks, dashes, dots and parentheses.
 * Source of the code: allauth `PhoneField`.
 */
export function phoneInput({ required }: { required: boolean }) {
  return text({ required, max: MAX_LENGTH, check: (given) => (parsePhone(given) === null ? [INVALID] : []) }).transform((given) =>
    given === '' ? '' : (parsePhone(given) ?? ''),
  );
}

/** As `phoneInput`, for a new number: the account adapter has to accept it (`cleanPhone`). */
export function newPhoneInput(kit: Kit, required: boolean) {
  return cleanedBy(phoneInput({ required }), (phone) => kit.plugins.ACCOUNT_ADAPTER.cleanPhone(phone));
}

/** Returns the number in E.164; `null` if it is not a possible number of its country. */
export function parsePhone(given: string): string | null {
  const bare = given.replace(/[ ().-]/g, '');
  // Source: allauth `PhoneField.e164_validator`.
  if (!/^\+[1-9]\d{5,14}$/.test(bare)) return null;
  const parsed = library().parsePhoneNumberFromString(bare, { extract: false });
  return parsed?.isPossible() ? parsed.number : null;
}

let loaded: Library | undefined;

/** Loaded with the first number: most servers have none, and loading takes a while. */
function library(): Library {
  loaded ??= createRequire(import.meta.url)('libphonenumber-js/min') as Library; // the type of the module's exports
  return loaded;
}
