import type { Database } from './engine/database.ts';
import { statement, textOf } from './engine/statements.ts';

/**
 * An address is a claim until it is proved. The attacks: someone adds an address that is not theirs, by mistake or on purpose, and its owner then gets
 * into the account, or is kept from signing up. Or someone signs up with the address of a victim, and waits until the victim resets the password of
 * that account, or logs in by code, and uses it.
 *
 * The rule: an address opens the account that has verified it. If no account has, it opens the account whose primary address it is. An unverified
 * address that is not primary opens nothing and keeps no one from using it, and is removed when another account verifies the address. Only a login by
 * password may be named by it, because the password proves the account, and only if the address opens no other account.
 *
 * `claimed_email`, unique, is set for the row that the address opens, so that of several accounts that race for one address one gets it.
 *
 * An unverified primary address is vouched for (`is_vouched`) if an admin, a command or an invitation gave it to the account, or if its owner has
 * opened the account by it before. If it is not, the first opening by it voids what was there before (src/account/flows/claims.ts).
 */
export function opensAccount(email: string): string {
  return `(${email}.is_verified OR ${email}.is_primary)`;
}

/** SQL: the order of the rows of one address; the first is the owner's. */
export function ownerFirst(email: string): string {
  return `${email}.is_verified DESC, ${email}.is_primary DESC, CASE WHEN ${email}.claimed_email IS NULL THEN 1 ELSE 0 END, ${email}.id`;
}

/** SQL: whether a login by password may name the account by this row. */
export function namesAccount(email: string): string {
  return `(${opensAccount(email)} OR NOT EXISTS (
    SELECT 1 FROM emails AS owned WHERE owned.email = ${email}.email AND ${opensAccount('owned')}))`;
}

const UNPROVED = 'user_id = ?1 AND email = ?2 AND is_primary AND NOT is_verified AND NOT is_vouched';

const IS_UNPROVED = statement('emails_is_unproved', `SELECT id FROM emails WHERE ${UNPROVED}`);
const VOUCH = statement('emails_vouch', `UPDATE emails SET is_vouched = ?3 WHERE ${UNPROVED} RETURNING id`);
const IS_VERIFIED = statement('emails_is_verified', `SELECT id FROM emails WHERE email = ?1 AND is_verified LIMIT 1`);
const DELETE_CLAIMS = statement(
  'emails_delete_claims',
  `DELETE FROM emails WHERE email = ?2 AND user_id <> ?1 AND NOT is_verified AND NOT is_primary RETURNING user_id`,
);

/** Whether the address is the user's primary one, and nobody has proved it or vouched for it. */
export async function isUnproved(db: Database, userId: string, email: string): Promise<boolean> {
  return (await db.all(IS_UNPROVED, [userId, email])).length > 0;
}

/** Notes that its owner has opened the account by the address. True for the first opening by an unproved address; of several at once, for one. */
export async function vouchForEmail(db: Database, userId: string, email: string): Promise<boolean> {
  return (await db.write(VOUCH, [userId, email, true])).length > 0;
}

/** Whether any account has verified the address. */
export async function isEmailVerified(db: Database, email: string): Promise<boolean> {
  return (await db.all(IS_VERIFIED, [email])).length > 0;
}

/** Removes the address from all other accounts that neither verified it nor have it as their primary one. Returns the ids of their users. */
export async function deleteClaims(db: Database, userId: string, email: string): Promise<string[]> {
  return (await db.write(DELETE_CLAIMS, [userId, email])).map((row) => textOf(row, 'user_id'));
}
