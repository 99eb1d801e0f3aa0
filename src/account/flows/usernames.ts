import { randomInt } from 'node:crypto';
import { faultsOf } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { findUserByUsername } from '../../store/users.ts';
import { USERNAME_MAX_LENGTH, usernameFaults } from '../identity.ts';

/** How many lengths of digits are tried after one text. */
const MOST_LENGTHS = 32;

/**
 * Returns a free username made from the first usable text (of an address, its local part), with digits appended if it is too short, taken or not
 * allowed. Source: allauth `generate_unique_username`.
 * @param tries how many generated names were taken; each adds a digit
 * @param clean returns the name to use, or refuses it
 */
export async function uniqueUsername(
  kit: Kit,
  texts: readonly string[],
  tries: number,
  clean: (username: string) => string | Promise<string>,
): Promise<string> {
  for (const base of texts.map(baseOf).filter((each) => each !== '')) {
    const least = Math.max(tries, kit.settings.ACCOUNT_USERNAME_MIN_LENGTH - base.length);
    for (let digits = least; digits <= Math.min(least + MOST_LENGTHS, USERNAME_MAX_LENGTH); digits += 1) {
      const made = base.slice(0, USERNAME_MAX_LENGTH - digits) + randomDigits(digits);
      let name = made;
      const faults = await faultsOf(async () => (name = await clean(made)));
      if (faults.length === 0 && usernameFaults(kit, name).length === 0 && !(await findUserByUsername(kit.db, name))) return name;
    }
  }
  throw new Error('no username could be generated that ACCOUNT_USERNAME_MIN_LENGTH, _BLACKLIST, _VALIDATORS and the account adapter allow');
}

function baseOf(text: string): string {
  const at = text.lastIndexOf('@');
  const local = at > 0 ? text.slice(0, at) : text;
  const ascii = local.normalize('NFKD').replace(/[^\w.+-]/g, '');
  return ascii.toLowerCase();
}

function randomDigits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('');
}
