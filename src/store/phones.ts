import type { UserRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { PRIMARY_EMAIL, USER_COLUMNS, userOf } from './rows.ts';
import { booleanOf, statement, textOf } from './engine/statements.ts';

export interface PhoneRecord {
  userId: string;
  /** E.164. */
  phone: string;
  verified: boolean;
}

const FIND_OF = statement('phones_find_of', `SELECT user_id, phone, is_verified FROM phones WHERE user_id = ?1`);
const FIND_USER = statement(
  'phones_find_user',
  `SELECT ${USER_COLUMNS}, p.is_verified AS p_verified FROM phones AS p JOIN users AS u ON u.id = p.user_id ${PRIMARY_EMAIL}
   WHERE p.phone = ?1
   ORDER BY p.is_verified DESC, CASE WHEN p.claimed_phone IS NULL THEN 1 ELSE 0 END, p.set_at, p.user_id LIMIT 1`,
);
const FIND_CLAIM = statement(
  'phones_find_claim',
  `SELECT user_id FROM phones WHERE claimed_phone = ?1 AND (is_verified OR set_at > ?2) LIMIT 1`,
);
// The row stays, so its owner notices no difference, and can still verify the number before anyone else does.
const RELEASE = statement(
  'phones_release',
  `UPDATE phones SET claimed_phone = NULL WHERE claimed_phone = ?1 AND user_id <> ?2 AND NOT is_verified AND set_at <= ?3`,
);
const PUT = statement(
  'phones_put',
  `INSERT INTO phones (user_id, phone, claimed_phone, is_verified, set_at) VALUES (?1, ?2, ?2, ?3, ?4)
   ON CONFLICT (user_id) DO UPDATE SET phone = excluded.phone, claimed_phone = excluded.claimed_phone,
     is_verified = excluded.is_verified, set_at = excluded.set_at`,
);
const MARK_VERIFIED = statement(
  'phones_mark_verified',
  `UPDATE phones SET is_verified = ?3, claimed_phone = phone WHERE user_id = ?1 AND phone = ?2 RETURNING user_id`,
);

const DELETE = statement('phones_delete', `DELETE FROM phones WHERE user_id = ?1 RETURNING phone`);

/** Later than any time: unverified claims lapse, however new they are. */
const EVER = Number.MAX_SAFE_INTEGER;

/** The phone number of a user; `null` if there is none. */
export async function findPhoneOf(db: Database, userId: string): Promise<PhoneRecord | null> {
  const [row] = await db.all(FIND_OF, [userId]);
  return row ? { userId: textOf(row, 'user_id'), phone: textOf(row, 'phone'), verified: booleanOf(row, 'is_verified') } : null;
}

/** The user of a number: the one who has verified it, otherwise the one with the claim to it, otherwise the first to give it. */
export async function findUserByPhone(db: Database, phone: string): Promise<{ user: UserRecord; verified: boolean } | null> {
  const [row] = await db.all(FIND_USER, [phone]);
  const user = row ? userOf(row) : null;
  return row && user ? { user, verified: booleanOf(row, 'p_verified') } : null;
}

/**
 * Id of the user whose claim prevents others from using the number; `null` if it is free. An unverified claim counts only if it is newer
 * than `lapsesAt` (Unix seconds), so that a signup with another person's number does not block its owner forever.
 */
export async function findPhoneClaim(db: Database, phone: string, lapsesAt: number): Promise<string | null> {
  const [row] = await db.all(FIND_CLAIM, [phone, lapsesAt]);
  return row ? textOf(row, 'user_id') : null;
}

/**
 * Sets the user's number, unverified; replaces the previous one. Run it in a transaction.
 * @throws {UniqueViolation} 'phone' if another user has a claim that has not lapsed
 */
export async function claimPhone(
  db: Database,
  { userId, phone, now, lapsesAt }: { userId: string; phone: string; now: number; lapsesAt: number },
): Promise<void> {
  await db.write(RELEASE, [phone, userId, lapsesAt]);
  await db.write(PUT, [userId, phone, false, now]);
}

/**
 * Sets the user's number, which was just verified; replaces the previous one, and removes other users' claims to it. Run it in a
 * transaction.
 * @throws {UniqueViolation} 'phone' if another user has verified it
 */
export async function putVerifiedPhone(db: Database, userId: string, phone: string, now: number): Promise<void> {
  await db.write(RELEASE, [phone, userId, EVER]);
  await db.write(PUT, [userId, phone, true, now]);
}

/**
 * Marks the user's number as verified. Returns false if the user no longer has this number. Run it in a transaction.
 * @throws {UniqueViolation} 'phone' if another user has verified it
 */
export async function verifyPhone(db: Database, userId: string, phone: string): Promise<boolean> {
  await db.write(RELEASE, [phone, userId, EVER]);
  return (await db.write(MARK_VERIFIED, [userId, phone, true])).length > 0;
}

/** Removes the user's number, and returns it; `null` if the user has none. */
export async function deletePhone(db: Database, userId: string): Promise<string | null> {
  const [row] = await db.write(DELETE, [userId]);
  return row ? textOf(row, 'phone') : null;
}
