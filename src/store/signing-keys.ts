import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf, textOrNull } from './engine/statements.ts';

/** A signing key as stored in the database. Times are Unix seconds. */
export interface SigningKeyRecord {
  id: string;
  algorithm: string;
  /** 1 for the algorithm's first key, incremented with each further one. */
  generation: number;
  /** `null` for a secret (HS*). */
  kid: string | null;
  /** Encrypted. */
  privateKey: string;
  createdAt: number;
  /** When it starts to sign; the next generation replaces it. */
  signsFrom: number;
  /** The longest lifetime of a token signed with this key, in seconds. */
  longestLife: number;
}

const COLUMNS = 'id, algorithm, generation, kid, private_key, created_at, signs_from, longest_life';

const LIST = statement('signing_keys_list', `SELECT ${COLUMNS} FROM signing_keys WHERE algorithm = ?1 ORDER BY generation DESC`);
const INSERT_FIRST = statement(
  'signing_keys_insert_first',
  `INSERT INTO signing_keys (${COLUMNS})
   SELECT CAST(?1 AS text), CAST(?2 AS text), CAST(?3 AS bigint), CAST(?4 AS text), CAST(?5 AS text), CAST(?6 AS bigint), CAST(?7 AS bigint), CAST(?8 AS bigint)
   WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE algorithm = ?2)
   ON CONFLICT (algorithm, generation) DO NOTHING RETURNING id`,
);
const INSERT_NEXT = statement(
  'signing_keys_insert_next',
  `INSERT INTO signing_keys (${COLUMNS})
   SELECT CAST(?1 AS text), CAST(?2 AS text), CAST(?3 AS bigint), CAST(?4 AS text), CAST(?5 AS text), CAST(?6 AS bigint), CAST(?7 AS bigint), CAST(?8 AS bigint)
   FROM signing_keys AS newest
   WHERE newest.algorithm = ?2 AND newest.generation = CAST(?3 AS bigint) - 1 AND newest.signs_from <= ?6
   ON CONFLICT (algorithm, generation) DO NOTHING RETURNING id`,
);
const HASTEN = statement('signing_keys_hasten', `UPDATE signing_keys SET signs_from = ?2 WHERE id = ?1 AND signs_from > ?2 RETURNING id`);
const PROLONG = statement('signing_keys_prolong', `UPDATE signing_keys SET longest_life = ?2 WHERE id = ?1 AND longest_life < ?2`);
const DELETE = statement(
  'signing_keys_delete',
  `DELETE FROM signing_keys WHERE id = ?1
     AND EXISTS (SELECT 1 FROM signing_keys AS other WHERE other.algorithm = signing_keys.algorithm AND other.id <> signing_keys.id)
   RETURNING id`,
);
/** Key of the advisory lock under which keys are changed; an arbitrary number, the same in all versions. */
const LOCK_NUMBER = 7_203_911_408;
const LOCK = statement('signing_keys_lock', {
  sqlite: 'SELECT 1 AS locked',
  postgresql: `SELECT 1 AS locked FROM pg_advisory_xact_lock(${LOCK_NUMBER})`,
});

/** All keys of the algorithm, newest first. */
export async function listSigningKeys(db: Database, algorithm: string): Promise<SigningKeyRecord[]> {
  return (await db.all(LIST, [algorithm])).map((row) => ({
    id: textOf(row, 'id'),
    algorithm: textOf(row, 'algorithm'),
    generation: numberOf(row, 'generation'),
    kid: textOrNull(row, 'kid'),
    privateKey: textOf(row, 'private_key'),
    createdAt: numberOf(row, 'created_at'),
    signsFrom: numberOf(row, 'signs_from'),
    longestLife: numberOf(row, 'longest_life'),
  }));
}

/**
 * Stores a key: the algorithm's first, or the successor of the newest, which must already sign at the key's `createdAt`. If any number of
 * callers, on any number of servers, do this at once, one of them gets true. False if another key took the place.
 */
export async function insertSigningKey(db: Database, key: SigningKeyRecord): Promise<boolean> {
  const { id, algorithm, generation, kid, privateKey, createdAt, signsFrom, longestLife } = key;
  const insert = generation === 1 ? INSERT_FIRST : INSERT_NEXT;
  return (await db.write(insert, [id, algorithm, generation, kid, privateKey, createdAt, signsFrom, longestLife])).length > 0;
}

/** Makes a waiting key sign from `now` on. False if it already does. */
export async function hastenSigningKey(db: Database, { id, now }: { id: string; now: number }): Promise<boolean> {
  return (await db.write(HASTEN, [id, now])).length > 0;
}

/** Records the lifetime, in seconds, of tokens signed with the key, unless a longer one is recorded. */
export async function prolongSigningKey(db: Database, { id, seconds }: { id: string; seconds: number }): Promise<void> {
  await db.write(PROLONG, [id, seconds]);
}

/** Deletes a key, unless it is the algorithm's last one; returns whether it did. Callers must hold the lock, since two deletions could race. */
export async function deleteSigningKey(db: Database, id: string): Promise<boolean> {
  return (await db.write(DELETE, [id])).length > 0;
}

/**
 * Waits until no other transaction changes keys (also those in a file), and makes others wait until this one ends. The lock of a process
 * that dies is released. SQLite needs no lock, since it has one writing transaction at a time.
 */
export async function lockSigningKeys(db: Database): Promise<void> {
  await db.all(LOCK, []);
}
