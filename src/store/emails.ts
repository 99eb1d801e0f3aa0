import type { EmailRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { EMAIL_COLUMNS, emailOf } from './rows.ts';
import { numberOf, statement, textOf } from './engine/statements.ts';

const FIND = statement('emails_find', `SELECT ${EMAIL_COLUMNS} FROM emails WHERE user_id = ?1 AND email = ?2`);
const COUNT = statement('emails_count', `SELECT count(*) AS emails FROM emails WHERE user_id = ?1`);
// An unverified claim yields to a verified one. The row stays, so its owner notices no difference.
const RELEASE = statement(
  'emails_release',
  `UPDATE emails SET claimed_email = NULL WHERE claimed_email = ?2 AND user_id <> ?1 AND NOT is_verified`,
);
const VERIFY_CLAIMING = statement(
  'emails_verify_claiming',
  `UPDATE emails SET is_verified = ?3, claimed_email = email WHERE user_id = ?1 AND email = ?2 RETURNING id`,
);
const VERIFY = statement('emails_verify', `UPDATE emails SET is_verified = ?3 WHERE user_id = ?1 AND email = ?2 RETURNING id`);
const UNSET_PRIMARY = statement(
  'emails_unset_primary',
  `UPDATE emails SET is_primary = ?2, claimed_email = CASE WHEN is_verified THEN claimed_email END WHERE user_id = ?1 AND is_primary`,
);
// Claims the address unless another account has the claim: to fail would reveal that account.
const SET_PRIMARY = statement(
  'emails_set_primary',
  `UPDATE emails SET is_primary = ?3, claimed_email = CASE
     WHEN claimed_email IS NOT NULL THEN claimed_email
     WHEN EXISTS (SELECT 1 FROM emails AS other WHERE other.claimed_email = ?4) THEN NULL ELSE ?4 END
   WHERE user_id = ?1 AND email = ?2 RETURNING id`,
);
const DELETE = statement(
  'emails_delete',
  `DELETE FROM emails WHERE user_id = ?1 AND email = ?2
   AND (NOT is_primary OR NOT EXISTS (SELECT 1 FROM emails AS other WHERE other.user_id = ?1 AND other.email <> ?2)) RETURNING id`,
);
const DELETE_OTHERS = statement('emails_delete_others', `DELETE FROM emails WHERE user_id = ?1 AND email <> ?2 RETURNING email`);
const DELETE_UNVERIFIED = statement(
  'emails_delete_unverified',
  `DELETE FROM emails WHERE user_id = ?1 AND NOT is_verified AND NOT is_primary`,
);
const LOCK_USER = statement('emails_lock_user', `UPDATE users SET username = username WHERE id = ?1`);

/** An address of the user; `null` if the user does not have it. */
export async function findEmailOf(db: Database, userId: string, email: string): Promise<EmailRecord | null> {
  const [row] = await db.all(FIND, [userId, email]);
  return row ? emailOf(row) : null;
}

/** The number of the user's addresses. */
export async function countEmails(db: Database, userId: string): Promise<number> {
  const [row = {}] = await db.all(COUNT, [userId]);
  return numberOf(row, 'emails');
}

/** Locks the user's row, so that a count made later in this transaction stays correct. */
export async function lockUser(db: Database, userId: string): Promise<void> {
  await db.write(LOCK_USER, [userId]);
}

/**
 * Marks an address as verified; with `unique`, no other user can claim it from then on. Returns false if the user no longer has the
 * address. Run it in a transaction.
 * @throws {UniqueViolation} 'email' if another user has verified it
 */
export async function verifyEmail(
  db: Database,
  { userId, email, unique }: { userId: string; email: string; unique: boolean },
): Promise<boolean> {
  if (!unique) return (await db.write(VERIFY, [userId, email, true])).length > 0;
  await db.write(RELEASE, [userId, email]);
  return (await db.write(VERIFY_CLAIMING, [userId, email, true])).length > 0;
}

/**
 * Makes an address the primary one, and with `unique` claims it unless another account has the claim. An unverified address that was the primary one
 * gives up its claim. False: the user has no such address. Run it in a transaction, which a false must end.
 * @throws {UniqueViolation} 'email': another account claimed it at the same time
 */
export async function setPrimaryEmail(
  db: Database,
  { userId, email, unique }: { userId: string; email: string; unique: boolean },
): Promise<boolean> {
  await db.write(UNSET_PRIMARY, [userId, false]);
  return (await db.write(SET_PRIMARY, [userId, email, true, unique ? email : null])).length > 0;
}

/**
 * Removes an address, unless it is the primary one of several. Run it in a transaction that has locked the user. Returns false if nothing
 * was removed.
 */
export async function deleteEmail(db: Database, userId: string, email: string): Promise<boolean> {
  return (await db.write(DELETE, [userId, email])).length > 0;
}

/** Removes all addresses but this one, and returns those that it removed. */
export async function deleteOtherEmails(db: Database, userId: string, email: string): Promise<string[]> {
  return (await db.write(DELETE_OTHERS, [userId, email])).map((row) => textOf(row, 'email'));
}

/** Removes the addresses that are to replace the primary one once they are verified. */
export async function deletePendingEmails(db: Database, userId: string): Promise<void> {
  await db.write(DELETE_UNVERIFIED, [userId]);
}
