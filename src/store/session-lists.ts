import type { EndReason, SessionRecord, UserRecord } from '../contracts/records.ts';
import type { Database } from './database.ts';
import { anyOf, browse, fragment, joined, type Fragment } from './fragments.ts';
import { primaryEmail, SESSION_COLUMNS, SESSION_USER, sessionOf, USER_COLUMNS, userOf } from './rows.ts';
import { numberOf, textOf, textOrNull, type Row } from './statements.ts';
import { searchUsers } from './user-search.ts';

export const SESSION_STATES = ['active', 'expired', 'revoked', 'pending', 'any'] as const;

/** pending: a login that waits for one of its stages. revoked: ended in whatever way. any: all of them. */
export type SessionState = (typeof SESSION_STATES)[number];

/** Times are Unix seconds; what is absent is not looked at. */
export interface SessionFilter {
  state: SessionState;
  /** A part of the user's name or address, or the beginning of the IP address. */
  q?: string | undefined;
  userId?: string | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
  /** Not seen since. */
  idleSince?: number | undefined;
  secondFactor?: boolean | undefined;
  endedReason?: EndReason | undefined;
  ip?: string | undefined;
}

export type SessionOrder = 'created_at' | 'last_seen_at';

/** Where in the order a page starts: behind this row. */
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

/** A session as a list has it. */
export interface ListedSession {
  session: SessionRecord;
  user: UserRecord | null;
  /** The reason that an admin gave. */
  endedNote: string | null;
  endedByUser: { id: string; username: string; email: string | null } | null;
  /** Refresh tokens that have not expired and were not replaced; whether the session is live is not looked at. */
  unusedTokens: number;
}

const LISTED = `${SESSION_COLUMNS}, ${USER_COLUMNS}, s.ended_note AS ended_note, b.username AS b_username, be.email AS b_email,
  (SELECT count(*) FROM refresh_tokens AS t WHERE t.session_id = s.id AND t.expires_at > ?
    AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS c WHERE c.parent_jti = t.jti)) AS unused_tokens`;

const LISTED_FROM = `JOIN sessions AS s ON s.id = picked.id ${SESSION_USER}
  LEFT JOIN users AS b ON b.id = s.ended_by ${primaryEmail('be', 'b')}`;

/** A page of all users' sessions, in the order asked for. */
export async function browseSessions(db: Database, filter: SessionFilter, page: PageOf, now: number): Promise<ListedSession[]> {
  const { order, descending, after, limit } = page;
  const direction = descending ? 'DESC' : 'ASC';
  const behind = after ? [fragment(`(s.${order}, s.id) ${descending ? '<' : '>'} (?, ?)`, after.value, after.id)] : [];
  const shared = await filterParts(db, filter);
  const sorted = `ORDER BY s.${order} ${direction}, s.id ${direction} LIMIT ?`;
  // Few rows, which an index of their own finds: the order's index would lead past all others.
  const sortedFew = sorted.replace(`s.${order}`, `(s.${order} + 0)`);
  const picks = stateParts(filter.state, now).map((state, index) => {
    const where = joined([state, ...shared, ...behind], ' AND ');
    return fragment(
      `SELECT * FROM (SELECT s.id FROM sessions AS s WHERE ${where.sql} ${index === 0 ? sorted : sortedFew}) AS branch`,
      ...where.values,
      limit,
    );
  });
  const picked = joined(picks, ' UNION ALL ');
  const rows = await browse(
    db,
    fragment(`SELECT ${LISTED} FROM (${picked.sql}) AS picked ${LISTED_FROM} ${sorted}`, now, ...picked.values, limit),
  );
  return rows.map(listedOf);
}

/** How many sessions match, and of how many users they are (a login that waits is nobody's yet). Counts each of them: for when somebody asks. */
export async function countSessions(db: Database, filter: SessionFilter, now: number): Promise<{ sessions: number; users: number }> {
  const shared = await filterParts(db, filter);
  const parts = stateParts(filter.state, now).map((state) => {
    const where = joined([state, ...shared], ' AND ');
    return fragment(`SELECT s.user_id FROM sessions AS s WHERE ${where.sql}`, ...where.values);
  });
  const matches = joined(parts, ' UNION ALL ');
  const [row = {}] = await browse(
    db,
    fragment(`SELECT count(*) AS n, count(DISTINCT user_id) AS users FROM (${matches.sql}) AS matches`, ...matches.values),
  );
  return { sessions: Number(row['n']), users: Number(row['users']) };
}

/** One session, whatever its state; `null`: there is none. */
export async function findListedSession(db: Database, sid: string, now: number): Promise<ListedSession | null> {
  const [row] = await browse(
    db,
    fragment(`SELECT ${LISTED} FROM (SELECT id FROM sessions WHERE sid = ?) AS picked ${LISTED_FROM}`, now, sid),
  );
  return row ? listedOf(row) : null;
}

/** What the admin API ends, and how it is noted. */
export interface Revocation {
  at: number;
  by: string | null;
  note: string | null;
  /** A session to leave alone; `null`: none. */
  exceptSid: string | null;
}

/**
 * Ends the sessions that match and run, whether somebody is logged in or a login waits; gives whom each was of. What has ended stays as it ended.
 * For a transaction: of two that end the same sessions, the one that comes second does not count them.
 */
export async function revokeSessions(
  db: Database,
  which: { filter: SessionFilter } | { sids: readonly string[] },
  { at, by, note, exceptSid }: Revocation,
): Promise<{ sid: string; userId: string | null }[]> {
  const parts =
    'filter' in which ? [...(await filterParts(db, which.filter)), ...onePart(which.filter.state, at)] : [anyOf('s.sid', which.sids)];
  const where = joined(
    [...parts, fragment('s.ended_at IS NULL AND +s.expires_at > ?', at), fragment('s.sid <> ?', exceptSid ?? '')],
    ' AND ',
  );
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

/** Columns with a plus are not to be found by their own index: the order's is the one that stays short. */
function stateParts(state: SessionState, now: number): Fragment[] {
  const running = 's.ended_at IS NULL AND NOT s.lapsed';
  switch (state) {
    case 'active':
      return [
        fragment(
          `${running} AND s.user_id IS NOT NULL AND +s.expires_at > ?
           AND EXISTS (SELECT 1 FROM users AS live WHERE live.id = s.user_id AND live.is_active)`,
          now,
        ),
      ];
    case 'pending':
      return [fragment(`s.ended_at IS NULL AND s.user_id IS NULL AND +s.expires_at > ?`, now)];
    case 'expired':
      // What the cleanup has marked, and what has expired since.
      return [fragment('s.ended_at IS NULL AND s.lapsed'), fragment(`${running} AND s.expires_at <= ?`, now)];
    case 'revoked':
      return [fragment('s.ended_at IS NOT NULL')];
    case 'any':
      return [fragment('1 = 1')];
  }
}

/** The state as a condition, for what can be revoked: running sessions alone. */
function onePart(state: SessionState, now: number): Fragment[] {
  if (state === 'any') return [];
  return state === 'active' || state === 'pending' ? stateParts(state, now) : [fragment('1 = 0')];
}

async function filterParts(db: Database, filter: SessionFilter): Promise<Fragment[]> {
  const { q, userId, createdAfter, createdBefore, idleSince, secondFactor, endedReason, ip } = filter;
  const parts: Fragment[] = [];
  if (userId !== undefined) parts.push(fragment('s.user_id = ?', userId));
  if (createdAfter !== undefined) parts.push(fragment('s.created_at >= ? AND s.last_seen_at >= ?', createdAfter, createdAfter));
  if (createdBefore !== undefined) parts.push(fragment('s.created_at < ?', createdBefore));
  // Nothing was seen before it was made: that bounds whichever index the order takes.
  if (idleSince !== undefined) parts.push(fragment('s.last_seen_at <= ? AND s.created_at <= ?', idleSince, idleSince));
  if (secondFactor !== undefined) parts.push(fragment('s.second_factor = ?', secondFactor));
  if (endedReason !== undefined) parts.push(fragment('s.ended_at IS NOT NULL AND s.ended_reason = ?', endedReason));
  if (ip !== undefined) parts.push(fragment(`${ipOf(db, 's.')} = ?`, ip));
  if (q !== undefined) parts.push(await searchPart(db, q));
  return parts;
}

/** Sessions that a search takes by their ids. */
const MOST_BY_ADDRESS = 1000;

async function searchPart(db: Database, q: string): Promise<Fragment> {
  const users = await searchUsers(db, q);
  const prefix = /^[\d.]+$|^[\da-f:]*:[\da-f:]*$/i.test(q) ? q.toLowerCase() : null;
  const column = ipOf(db, '');
  const ofAddress = prefix === null ? null : fragment(`${column} >= ? AND ${column} < ?`, prefix, `${prefix}\u{10ffff}`);
  if (users.ids !== null && (ofAddress === null || (await isFew(db, ofAddress)))) {
    const sets = [...(users.ids.length > 0 ? [anyOf('user_id', users.ids)] : []), ...(ofAddress ? [ofAddress] : [])].map(
      ({ sql, values }) => fragment(`SELECT id FROM sessions WHERE ${sql}`, ...values),
    );
    if (sets.length === 0) return fragment('1 = 0');
    const all = joined(sets, ' UNION ');
    return fragment(`s.id IN (${all.sql})`, ...all.values);
  }
  // The row at hand is looked at: no index of its own is to lead there.
  const address = `(s.ip || '')${db.dialect === 'sqlite' ? '' : ' COLLATE "C"'}`;
  const parts = [users.matches('s.user_id'), ...(ofAddress ? [fragment(`(${address} >= ? AND ${address} < ?)`, ...ofAddress.values)] : [])];
  const either = joined(parts, ' OR ');
  return fragment(`(${either.sql})`, ...either.values);
}

/** By bytes, as the index has it. */
function ipOf(db: Database, table: 's.' | ''): string {
  return db.dialect === 'sqlite' ? `${table}ip` : `${table}ip COLLATE "C"`;
}

async function isFew(db: Database, where: Fragment): Promise<boolean> {
  const rows = await browse(
    db,
    fragment(`SELECT count(*) AS n FROM (SELECT id FROM sessions WHERE ${where.sql} LIMIT ?) AS few`, ...where.values, MOST_BY_ADDRESS),
  );
  return Number(rows[0]?.['n']) < MOST_BY_ADDRESS;
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
