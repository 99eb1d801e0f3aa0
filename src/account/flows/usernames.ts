import { randomInt } from 'node:crypto';
import type { Kit } from '../../kit/kit.ts';
import { findUserByUsername } from '../../store/users.ts';
import { USERNAME_MAX_LENGTH, usernameFaults } from '../identity.ts';

/**
 * A user name made from the local part of an address, with digits behind it where it is taken or not allowed.
 * Source: allauth `generate_unique_username`.
 * @param tries how often a name made before turned out to be taken; each adds a digit
 */
export async function makeUsername(kit: Kit, email: string, tries = 0): Promise<string> {
  const base = baseOf(email);
  for (let digits = tries; ; digits += 1) {
    const name = base.slice(0, USERNAME_MAX_LENGTH - digits) + randomDigits(digits);
    if (usernameFaults(kit, name).length === 0 && !(await findUserByUsername(kit.db, name))) return name;
    if (digits > 32) throw new Error('no username could be made: ACCOUNT_USERNAME_MIN_LENGTH, _BLACKLIST and _VALIDATORS leave none');
  }
}

function baseOf(email: string): string {
  const local = email.slice(0, email.lastIndexOf('@')) || email;
  const ascii = local.normalize('NFKD').replace(/[^\w.+-]/g, '');
  return ascii.toLowerCase() || 'user';
}

function randomDigits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join('');
}
