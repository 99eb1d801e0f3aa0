import type { KeyPurpose, KeyRecord } from '../contracts/records.ts';
import { isCurrentIn } from './credentials.ts';
import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf } from './engine/statements.ts';

const COLUMNS = 'hash, purpose, user_id, target, state, credentials_version, created_at, expires_at';

const INSERT = statement('keys_insert', `INSERT INTO one_time_keys (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`);
const FIND = statement(
  'keys_find',
  `SELECT ${COLUMNS} FROM one_time_keys WHERE hash = ?1 AND purpose = ?2 AND expires_at > ?3 AND ${isCurrentIn('one_time_keys')}`,
);
const USE = statement('keys_use', `DELETE FROM one_time_keys WHERE hash = ?1 AND ${isCurrentIn('one_time_keys')} RETURNING hash`);
const DELETE_OF_USER = statement('keys_delete_of_user', `DELETE FROM one_time_keys WHERE user_id = ?1 AND purpose = ?2`);
const DELETE_OF_TARGET = statement(
  'keys_delete_of_target',
  `DELETE FROM one_time_keys WHERE user_id = ?1 AND purpose = ?2 AND target = ?3`,
);

/** Stores the key of a link that is about to be mailed. */
export async function insertKey(db: Database, key: KeyRecord): Promise<void> {
  const { hash, purpose, userId, target, state, credentialsVersion, createdAt, expiresAt } = key;
  await db.write(INSERT, [hash, purpose, userId, target, state, credentialsVersion, createdAt, expiresAt]);
}

/** The key with this SHA-256 (hex) if it has this purpose and has not expired at `now` (Unix seconds); otherwise `null`. */
export async function findKey(db: Database, hash: string, purpose: KeyPurpose, now: number): Promise<KeyRecord | null> {
  const [row] = await db.all(FIND, [hash, purpose, now]);
  if (!row) return null;
  return {
    hash: textOf(row, 'hash'),
    purpose,
    userId: textOf(row, 'user_id'),
    target: textOf(row, 'target'),
    state: textOf(row, 'state'),
    credentialsVersion: numberOf(row, 'credentials_version'),
    createdAt: numberOf(row, 'created_at'),
    expiresAt: numberOf(row, 'expires_at'),
  };
}

/** Deletes a key once it was used. If several requests use it at the same time, only one of them gets true. */
export async function useKey(db: Database, hash: string): Promise<boolean> {
  return (await db.write(USE, [hash])).length > 0;
}

/** Deletes the user's keys of a purpose; with `target`, only those that were sent to that address. */
export async function deleteKeys(db: Database, userId: string, purpose: KeyPurpose, target?: string): Promise<void> {
  if (target === undefined) await db.write(DELETE_OF_USER, [userId, purpose]);
  else await db.write(DELETE_OF_TARGET, [userId, purpose, target]);
}
