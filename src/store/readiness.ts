import { randomBytes } from 'node:crypto';
import type { Database } from './engine/database.ts';
import { statement } from './engine/statements.ts';

/** Random bytes of a row: more than a page, so that the write needs new space as signups and sessions do, and not only an update in place. */
const PADDING = 12_288;

const INSERT = statement('readiness_insert', 'INSERT INTO readiness (id, padding) VALUES (?1, ?2)');
const DELETE = statement('readiness_delete', 'DELETE FROM readiness WHERE id = ?1');

/**
 * Writes a row and deletes it, in one transaction that is committed: a full disk, a quota or a read-only database makes it fail.
 * @throws the error of the database
 */
export async function checkWritable(db: Database): Promise<void> {
  const padding = randomBytes(PADDING).toString('base64url');
  const id = padding.slice(0, 32);
  await db.writeUnit([
    { statement: INSERT, values: [id, padding] },
    { statement: DELETE, values: [id] },
  ]);
}
