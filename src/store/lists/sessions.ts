import type { SessionRecord, UserRecord } from '../../contracts/records.ts';
import type { Database } from '../engine/database.ts';
import { anyOf, browse, fragment, joined, type Fragment } from '../engine/fragments.ts';
import { runsAt } from '../live.ts';
import { primaryEmail, SESSION_COLUMNS, sessionOf, USER_COLUMNS, userOf } from '../rows.ts';
import { numberOf, textOf, textOrNull, type Row } from '../engine/statements.ts';
import {
  branchesOf,
  filterParts,
  indexedBy,
  isContradictory,
  type Branch,
  type FilterParts,
  type SessionFilter,
  type SessionOrder,
} from './session-filters.ts';

export { SESSION_STATES, type SessionFilter, type SessionOrder, type SessionState } from './session-filters.ts';

/** Where a page starts: after this row in the order of the list. */
export interface Keyset {
  value: number;
  id: number;
}

export interface PageOf {
  order: SessionOrder;
  descending: boolean;
  after: Keyset | null;
  limit: number;
}

/** A session in a list. */
export interface ListedSession {
  session: SessionRecord;
  /** The user who is logged in, or whose login waits. */
  user: UserRecord | null;
  /** The reason that an admin gave. */
  endedNote: string | null;
  endedByUser: { id: string; username: string; email: string | null } | null;
  /** The number of refresh tokens that have not expired and were not replaced, whether the session is live or not. */
  unusedTokens: number;
}

const LISTED = `${SESSION_COLUMNS}, ${USER_COLUMNS}, s.ended_note AS ended_note, b.username AS b_username, be.email AS b_email,
  (SELECT count(*) FROM refresh_tokens AS t WHERE t.session_id = s.id AND t.expires_at > ?
    AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS c WHERE c.parent_jti = t.jti)) AS unused_tokens`;

const LISTED_FROM = `JOIN sessions AS s ON s.id = picked.id LEFT JOIN users AS u ON u.id = COALESCE(s.user_id, s.pending_user_id) ${primaryEmail('e', 'u')}
  LEFT JOIN users AS b ON b.id = s.ended_by ${primaryEmail('be', 'b')}`;

/** A page of all users' sessions, in the requested order. */
export async function browseSessions(db: Database, filter: SessionFilter, page: PageOf, now: number): Promise<ListedSession[]> {
  if (isContradictory(filter)) return [];
  const { order, descending, limit } = page;
  const direction = descending ? 'DESC' : 'ASC';
  const parts = await filterParts(db, filter, order);
  const picks = branchesOf(db, filter.state, now).map((branch) =>
    parts.few ? pickFrom(db, parts.few, { branch, parts, page }) : pickInOrder(db, { branch, parts, page }, filter),
  );
  const picked = joined(picks, ' UNION ALL ');
  const rows = await browse(
    db,
    fragment(
      `SELECT ${LISTED} FROM (${picked.sql}) AS picked ${LISTED_FROM} ORDER BY s.${order} ${direction}, s.id ${direction} LIMIT ?`,
      now,
      ...picked.values,
      limit,
    ),
  );
  return rows.map(listedOf);
}

interface Picking {
  branch: Branch;
  parts: FilterParts;
  page: PageOf;
}

/** The ids of a page, found by walking an index in the order of the list. */
function pickInOrder(db: Database, { branch, parts, page }: Picking, filter: SessionFilter): Fragment {
  const { order, descending, after, limit } = page;
  const direction = descending ? 'DESC' : 'ASC';
  const behind = after ? [fragment(`(s.${order}, s.id) ${descending ? '<' : '>'} (?, ?)`, after.value, after.id)] : [];
  const where = joined([...behind, ...parts.tests, branch.where], ' AND ');
  // Few sessions have expired just now, and an index of their own finds them; the index of the order would scan all others.
  const place = branch.kind === 'lapsing' ? `(s.${order} + 0)` : `s.${order}`;
  return fragment(
    `SELECT * FROM (SELECT s.id FROM sessions AS s ${indexedBy(db, branch, filter, order)} WHERE ${where.sql}
       ORDER BY ${place} ${direction}, s.id ${direction} LIMIT ?) AS branch`,
    ...where.values,
    limit,
  );
}

/** The ids of a page from few sessions. They are sorted with an index alone, and their rows are read until the page is full. */
function pickFrom(db: Database, few: readonly Fragment[], { branch, parts, page }: Picking): Fragment {
  const { descending, after, limit } = page;
  const direction = descending ? 'DESC' : 'ASC';
  const all = few.length === 0 ? fragment('SELECT id, created_at AS place FROM sessions WHERE 1 = 0') : joined(few, ' UNION ');
  const behind = after ? fragment(`WHERE (place, id) ${descending ? '<' : '>'} (?, ?)`, after.value, after.id) : fragment('');
  const where = joined([...parts.tests, branch.where], ' AND ');
  const sorted = `ORDER BY place ${direction}, id ${direction}`;
  // The LIMIT or OFFSET makes both databases sort the inner query. SQLite keeps that order, since CROSS JOIN fixes the outer table.
  const [inner, outer] =
    db.dialect === 'sqlite' ? [`${sorted} LIMIT -1`, ''] : [`${sorted} OFFSET 0`, `ORDER BY f.place ${direction}, f.id ${direction}`];
  return fragment(
    `SELECT * FROM (SELECT s.id FROM (SELECT id, place FROM (${all.sql}) AS found ${behind.sql} ${inner}) AS f
       CROSS JOIN sessions AS s WHERE s.id = f.id AND ${where.sql} ${outer} LIMIT ?) AS branch`,
    ...all.values,
    ...behind.values,
    ...where.values,
    limit,
  );
}

/** The number of matching sessions and of their users (a login that waits has no user yet). Counts them one by one, so call it only on demand. */
export async function countSessions(db: Database, filter: SessionFilter, now: number): Promise<{ sessions: number; users: number }> {
  if (isContradictory(filter)) return { sessions: 0, users: 0 };
  const parts = await filterParts(db, filter, null);
  const matches = joined(
    branchesOf(db, filter.state, now).map((branch) => {
      const where = joined([...fewPart(parts.few), ...parts.tests, branch.where], ' AND ');
      // For all sessions, counts an index that contains only the users.
      const all = branch.kind === 'any' && parts.tests.length === 0;
      const index = parts.few || all ? '' : indexedBy(db, branch, filter, 'created_at');
      return fragment(`SELECT s.user_id FROM sessions AS s ${index} WHERE ${where.sql}`, ...where.values);
    }),
    ' UNION ALL ',
  );
  const [row = {}] = await browse(
    db,
    fragment(`SELECT count(*) AS n, count(DISTINCT user_id) AS users FROM (${matches.sql}) AS matches`, ...matches.values),
  );
  return { sessions: Number(row['n']), users: Number(row['users']) };
}

function fewPart(few: readonly Fragment[] | null): Fragment[] {
  if (!few) return [];
  if (few.length === 0) return [fragment('1 = 0')];
  const all = joined(few, ' UNION ');
  return [fragment(`s.id IN (SELECT id FROM (${all.sql}) AS found)`, ...all.values)];
}

/** One session, in any state; `null` if it does not exist. */
export async function findListedSession(db: Database, sid: string, now: number): Promise<ListedSession | null> {
  const [row] = await browse(
    db,
    fragment(`SELECT ${LISTED} FROM (SELECT id FROM sessions WHERE sid = ?) AS picked ${LISTED_FROM}`, now, sid),
  );
  return row ? listedOf(row) : null;
}

/** What the admin API ends, and what is recorded about it. */
export interface Revocation {
  at: number;
  by: string | null;
  note: string | null;
  /** A session to leave out; `null` for none. */
  exceptSid: string | null;
}

/**
 * Ends the matching sessions that run, logged in or waiting at a stage; returns their users. Sessions that have already ended are
 * unchanged. Run it in a transaction: if two requests end the same sessions, the second one does not count them.
 */
export async function revokeSessions(
  db: Database,
  which: { filter: SessionFilter } | { sids: readonly string[] },
  { at, by, note, exceptSid }: Revocation,
): Promise<{ sid: string; userId: string | null }[]> {
  const parts = 'filter' in which ? await runningParts(db, which.filter, at) : [anyOf('s.sid', which.sids)];
  const where = joined([...parts, fragment(runsAt('?', '+s.expires_at'), at), fragment('s.sid <> ?', exceptSid ?? '')], ' AND ');
  const rows = await browse(
    db,
    fragment(
      `UPDATE sessions SET ended_at = ?, ended_reason = 'revoked', ended_by = ?, ended_note = ?
       WHERE ended_at IS NULL AND id IN (SELECT s.id FROM sessions AS s WHERE ${where.sql}) RETURNING sid, user_id`,
      at,
      by,
      note,
      ...where.values,
    ),
  );
  return rows.map((row) => ({ sid: textOf(row, 'sid'), userId: textOrNull(row, 'user_id') }));
}

/** The filter as conditions for sessions that can be revoked: only running ones. */
async function runningParts(db: Database, filter: SessionFilter, now: number): Promise<Fragment[]> {
  const { state } = filter;
  if (isContradictory(filter) || state === 'expired' || state === 'revoked') return [fragment('1 = 0')];
  const { few, tests } = await filterParts(db, filter, null);
  return [...fewPart(few), ...tests, ...(state === 'any' ? [] : branchesOf(db, state, now).map(({ where }) => where))];
}

function listedOf(row: Row): ListedSession {
  const session = sessionOf(row);
  const username = textOrNull(row, 'b_username');
  return {
    session,
    user: userOf(row),
    endedNote: textOrNull(row, 'ended_note'),
    endedByUser:
      session.endedBy !== null && username !== null ? { id: session.endedBy, username, email: textOrNull(row, 'b_email') } : null,
    unusedTokens: numberOf({ n: Number(row['unused_tokens']) }, 'n'),
  };
}
