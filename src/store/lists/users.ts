import type { UserRecord } from '../../contracts/records.ts';
import type { Database } from '../engine/database.ts';
import { browse, fragment, joined, type Fragment } from '../engine/fragments.ts';
import { runsAt } from '../live.ts';
import { PRIMARY_EMAIL, USER_COLUMNS, userOf } from '../rows.ts';
import type { Row } from '../engine/statements.ts';
import { searchUsers } from './user-search.ts';

export interface UserFilter {
  q?: string | undefined;
  isActive?: boolean | undefined;
  isStaff?: boolean | undefined;
}

/** A user in a list. */
export interface ListedUser {
  user: UserRecord;
  activeSessions: number;
}

const LISTED = `${USER_COLUMNS}, CASE WHEN u.is_active THEN (SELECT count(*) FROM sessions AS s WHERE s.user_id = u.id AND ${runsAt('?')})
  ELSE 0 END AS active_sessions`;

/** A page of users in the order of their ids, which is the order of creation; `after`: the last id of the previous page. */
export async function browseUsers(
  db: Database,
  filter: UserFilter,
  { after, descending, limit }: { after: string | null; descending: boolean; limit: number },
  now: number,
): Promise<ListedUser[]> {
  const behind = after === null ? [] : [fragment(`u.id ${descending ? '<' : '>'} ?`, after)];
  const where = joined([...(await filterParts(db, filter, 'page')), ...behind], ' AND ');
  const rows = await browse(
    db,
    fragment(
      `SELECT ${LISTED} FROM users AS u ${PRIMARY_EMAIL} WHERE ${where.sql} ORDER BY u.id ${descending ? 'DESC' : 'ASC'} LIMIT ?`,
      now,
      ...where.values,
      limit,
    ),
  );
  return rows.flatMap(listedOf);
}

/** The number of matching users. Counts them one by one, so call it only on demand. */
export async function countUsers(db: Database, filter: UserFilter): Promise<number> {
  const where = joined(await filterParts(db, filter, 'all'), ' AND ');
  const [row = {}] = await browse(db, fragment(`SELECT count(*) AS n FROM users AS u WHERE ${where.sql}`, ...where.values));
  return Number(row['n']);
}

/** One user; `null` if it does not exist. */
export async function findListedUser(db: Database, id: string, now: number): Promise<ListedUser | null> {
  const rows = await browse(db, fragment(`SELECT ${LISTED} FROM users AS u ${PRIMARY_EMAIL} WHERE u.id = ?`, now, id));
  return rows.flatMap(listedOf)[0] ?? null;
}

/** For a page, if many users match, each row is tested until the page is full; a count starts from the matching users. */
async function filterParts(db: Database, { q, isActive, isStaff }: UserFilter, wanted: 'page' | 'all'): Promise<Fragment[]> {
  const parts = [fragment('1 = 1')];
  if (isActive !== undefined) parts.push(fragment(isActive ? 'u.is_active' : 'NOT u.is_active'));
  if (isStaff !== undefined) parts.push(fragment(isStaff ? 'u.is_staff' : 'NOT u.is_staff'));
  if (q === undefined) return parts;
  const found = await searchUsers(db, q);
  parts.push(
    found.size === 'many' && wanted === 'page' ? found.matches('u.id') : fragment(`u.id IN (${found.ids.sql})`, ...found.ids.values),
  );
  return parts;
}

function listedOf(row: Row): ListedUser[] {
  const user = userOf(row);
  return user ? [{ user, activeSessions: Number(row['active_sessions']) }] : [];
}
