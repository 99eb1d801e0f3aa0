import { createRequire } from 'node:module';
import type { Fault } from '../contracts/wire.ts';
import { cleanedBy, text } from '../http/input.ts';
import type { Kit } from '../kit/kit.ts';
import { fault } from '../texts/faults.ts';

type Library = typeof import('libphonenumber-js/min');

/** Longer texts are no phone number, however they are written. Characters. */
const MAX_LENGTH = 40;

const INVALID: Fault = fault('invalid_phone');

export const PHONE_TAKEN: Fault = { ...fault('phone_taken'), param: 'phone' };

export const SAME_PHONE: Fault = { ...fault('same_as_current'), param: 'phone' };

/**
 * A phone number with its country code, in E.164; '' where it is absent and not required. Blanks, dashes, dots and parentheses do not matter.
 * Source of the code: allauth `PhoneField`.
 */
export function phoneInput({ required }: { required: boolean }) {
  return text({ required, max: MAX_LENGTH, check: (given) => (parsePhone(given) === null ? [INVALID] : []) }).transform((given) =>
    given === '' ? '' : (parsePhone(given) ?? ''),
  );
}

/** As `phoneInput`, for a number that is to be used: the account adapter has to accept it (`cleanPhone`). */
export function newPhoneInput(kit: Kit, required: boolean) {
  return cleanedBy(phoneInput({ required }), (phone) => kit.plugins.ACCOUNT_ADAPTER.cleanPhone(phone));
}

/** The number in E.164; `null`: no number that the plan of its country has room for. */
export function parsePhone(given: string): string | null {
  const bare = given.replace(/[ ().-]/g, '');
  // Source: allauth `PhoneField.e164_validator`.
  if (!/^\+[1-9]\d{5,14}$/.test(bare)) return null;
  const parsed = library().parsePhoneNumberFromString(bare, { extract: false });
  return parsed?.isPossible() ? parsed.number : null;
}

let loaded: Library | undefined;

/** Loaded when the first number comes: most servers have none, and it takes a while. */
function library(): Library {
  loaded ??= createRequire(import.meta.url)('libphonenumber-js/min') as Library; // what the module exports
  return loaded;
}
