import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf } from './engine/statements.ts';

/** A user who was changed or deleted, or whose primary address changed. Triggers write these rows; a login is not a change. */
export interface UserChange {
  /** Increases in the order of the commits, like the positions of the revocation feed. */
  position: number;
  userId: string;
}

/** The latest positions of the two lists that servers clear their caches by: ended sessions and changed users. */
export interface ChangePositions {
  ended: number;
  users: number;
}

const POSITIONS = statement(
  'user_changes_positions',
  `SELECT coalesce((SELECT max(position) FROM revocations), 0) AS ended, coalesce((SELECT max(position) FROM user_changes), 0) AS users,
     f.purged_to AS purged_to FROM revocation_feed AS f`,
);
const LIST = statement('user_changes_list', `SELECT position, user_id FROM user_changes WHERE position > ?1 ORDER BY position LIMIT ?2`);

/** The last committed positions; 0 for an empty list. Cheap, since each server asks several times a second. */
export async function readChangePositions(db: Database): Promise<ChangePositions> {
  const [row = {}] = await db.all(POSITIONS, []);
  return { ended: Math.max(numberOf(row, 'ended'), numberOf(row, 'purged_to')), users: numberOf(row, 'users') };
}

/** The changes after the position `after`, oldest first, at most `limit`. */
export async function listUserChanges(db: Database, { after, limit }: { after: number; limit: number }): Promise<UserChange[]> {
  const rows = await db.all(LIST, [after, limit]);
  return rows.map((row) => ({ position: numberOf(row, 'position'), userId: textOf(row, 'user_id') }));
}
