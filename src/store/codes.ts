import type { CodeRecord } from '../contracts/records.ts';
import { isCurrentIn } from './credentials.ts';
import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf, textOrNull, type Row } from './engine/statements.ts';

const COLUMNS = 'id, purpose, user_id, target, hash, state, credentials_version, attempts_left, created_at, expires_at';

const INSERT = statement('codes_insert', `INSERT INTO one_time_codes (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`);
const FIND = statement(
  'codes_find',
  `SELECT ${COLUMNS} FROM one_time_codes
   WHERE id = ?1 AND purpose = ?2 AND attempts_left > 0 AND expires_at > ?3 AND ${isCurrentIn('one_time_codes')}`,
);
const SPEND = statement(
  'codes_spend',
  `UPDATE one_time_codes SET attempts_left = attempts_left - 1
   WHERE id = ?1 AND purpose = ?2 AND attempts_left > 0 AND expires_at > ?3 AND ${isCurrentIn('one_time_codes')} RETURNING ${COLUMNS}`,
);
const GIVE_BACK = statement('codes_give_back', `UPDATE one_time_codes SET attempts_left = attempts_left + 1 WHERE id = ?1`);
const USE = statement('codes_use', `DELETE FROM one_time_codes WHERE id = ?1 AND ${isCurrentIn('one_time_codes')} RETURNING id`);
const DELETE_OF_USER = statement('codes_delete_of_user', `DELETE FROM one_time_codes WHERE user_id = ?1 AND purpose = ?2`);

/** Stores a code that is about to be sent. */
export async function insertCode(db: Database, code: CodeRecord): Promise<void> {
  const { id, purpose, userId, target, hash, state, credentialsVersion, attemptsLeft, createdAt, expiresAt } = code;
  await db.write(INSERT, [id, purpose, userId, target, hash, state, credentialsVersion, attemptsLeft, createdAt, expiresAt]);
}

/** The code with this id if it can still be tried at `now`; `null` if it has expired, was used, has no attempts left, or has another purpose. */
export async function findCode(db: Database, id: string, purpose: string, now: number): Promise<CodeRecord | null> {
  const [row] = await db.all(FIND, [id, purpose, now]);
  return row ? codeOf(row) : null;
}

/**
 * Deducts one attempt, before anything is compared, so that parallel guesses share one count. Must not run in a transaction that a failed
 * check rolls back. In the result, `attemptsLeft` is what remains. `null` if the code has expired, was used, has no attempts left, or has
 * another purpose.
 */
export async function spendAttempt(db: Database, id: string, purpose: string, now: number): Promise<CodeRecord | null> {
  const [row] = await db.write(SPEND, [id, purpose, now]);
  return row ? codeOf(row) : null;
}

/** Returns an attempt after a correct code. */
export async function returnAttempt(db: Database, id: string): Promise<void> {
  await db.write(GIVE_BACK, [id]);
}

/** Deletes a code once it was used. If several requests use it at the same time, only one of them gets true. */
export async function useCode(db: Database, id: string): Promise<boolean> {
  return (await db.write(USE, [id])).length > 0;
}

/** Deletes the user's codes of a purpose. */
export async function deleteCodesOfUser(db: Database, userId: string, purpose: string): Promise<void> {
  await db.write(DELETE_OF_USER, [userId, purpose]);
}

function codeOf(row: Row): CodeRecord {
  return {
    id: textOf(row, 'id'),
    purpose: textOf(row, 'purpose'),
    userId: textOrNull(row, 'user_id'),
    target: textOf(row, 'target'),
    hash: textOf(row, 'hash'),
    state: textOf(row, 'state'),
    credentialsVersion: numberOf(row, 'credentials_version'),
    attemptsLeft: numberOf(row, 'attempts_left'),
    createdAt: numberOf(row, 'created_at'),
    expiresAt: numberOf(row, 'expires_at'),
  };
}
