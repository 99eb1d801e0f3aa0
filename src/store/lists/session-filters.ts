import type { EndReason } from '../../contracts/records.ts';
import type { Database } from '../engine/database.ts';
import { browse, fragment, joined, type Fragment } from '../engine/fragments.ts';
import { NOBODY, searchUsers } from './user-search.ts';

export const SESSION_STATES = ['active', 'expired', 'revoked', 'pending', 'any'] as const;

/** pending: a login that waits at a stage. revoked: ended for any reason. any: all sessions. */
export type SessionState = (typeof SESSION_STATES)[number];

/** Times are Unix seconds; absent fields do not filter. */
export interface SessionFilter {
  state: SessionState;
  /** Part of the user's name or address, or a prefix of the IP address. */
  q?: string | undefined;
  userId?: string | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
  /** Last seen before this time. */
  idleSince?: number | undefined;
  secondFactor?: boolean | undefined;
  endedReason?: EndReason | undefined;
  ip?: string | undefined;
}

export type SessionOrder = 'created_at' | 'last_seen_at';

/** Sessions of one state, or some of them, that an index has in the order of the list. */
export interface Branch {
  where: Fragment;
  /** The name of that index, if the order does not determine it. */
  kind: 'active' | 'lapsed' | 'lapsing' | 'ended' | 'pending' | 'any';
}

/** What a filter requires of a session `s`. */
export interface FilterParts {
  /** The conditions other than the state. */
  tests: Fragment[];
  /**
   * SELECTs of `id` and, as `place`, the column to sort by, for all sessions that can match, if they are few enough to be loaded; otherwise
   * `null`.
   */
  few: Fragment[] | null;
}

/** The maximum number of rows to load and sort; above it, the list is walked in its order until the page is full. */
const MOST_FETCHED = 2000;

/** The same for rows that are adjacent in a SQLite index which has the order too; PostgreSQL sorts that many no faster than it walks. */
const MOST_IN_INDEX = 8000;

/**
 * The states as conditions. `lapsed` is set by the cleanup some time after a session expired. Running sessions of users who were
 * deactivated outside this server appear only in `any`.
 */
export function branchesOf(db: Database, state: SessionState, now: number): Branch[] {
  const running = 's.ended_at IS NULL AND NOT s.lapsed';
  switch (state) {
    case 'active':
      return [
        { kind: 'active', where: fragment(`${running} AND s.user_id IS NOT NULL AND s.expires_at > ? AND ${isOfLiveUser(db)}`, now) },
      ];
    case 'pending':
      return [{ kind: 'pending', where: fragment('s.ended_at IS NULL AND s.user_id IS NULL AND s.expires_at > ?', now) }];
    case 'expired':
      return [
        { kind: 'lapsed', where: fragment('s.ended_at IS NULL AND s.lapsed') },
        { kind: 'lapsing', where: fragment(`${running} AND s.expires_at <= ?`, now) },
      ];
    case 'revoked':
      return [{ kind: 'ended', where: fragment('s.ended_at IS NOT NULL') }];
    case 'any':
      return [{ kind: 'any', where: fragment('1 = 1') }];
  }
}

/** SQLite turns EXISTS into a join and reads all users, however few sessions are requested; PostgreSQL does so only if it pays off. */
function isOfLiveUser(db: Database): string {
  return db.dialect === 'sqlite'
    ? '(SELECT live.is_active FROM users AS live WHERE live.id = s.user_id)'
    : 'EXISTS (SELECT 1 FROM users AS live WHERE live.id = s.user_id AND live.is_active)';
}

/**
 * The index to walk. SQLite needs its name, since without ANALYZE it does not know how many rows a condition matches. PostgreSQL does, and
 * gets no name.
 */
export function indexedBy(db: Database, { kind }: Branch, filter: SessionFilter, order: SessionOrder): string {
  if (db.dialect !== 'sqlite') return '';
  const by = order === 'created_at' ? 'created' : 'seen';
  if (filter.userId !== undefined) return `INDEXED BY ${kind === 'pending' ? 'sessions_pending_user' : 'sessions_user'}`;
  if (filter.ip !== undefined) return `INDEXED BY ${by === 'created' ? 'sessions_ip' : 'sessions_ip_seen'}`;
  if (kind === 'lapsing') return 'INDEXED BY sessions_lapsing';
  if (filter.endedReason !== undefined) return `INDEXED BY sessions_ended_kind_${by}`;
  if (kind === 'active' && filter.secondFactor !== undefined) return `INDEXED BY sessions_active_factor_${by}`;
  return `INDEXED BY sessions_${kind === 'any' ? '' : `${kind}_`}${by}`;
}

/** Whether nothing can match: a running session has no reason for its end. */
export function isContradictory({ state, endedReason }: SessionFilter): boolean {
  return endedReason !== undefined && state !== 'revoked' && state !== 'any';
}

/** Converts the filter, except for its state, to conditions. `order`: the order of the page; `null` if all sessions are needed, in no order. */
export async function filterParts(db: Database, filter: SessionFilter, order: SessionOrder | null): Promise<FilterParts> {
  const { q, userId, createdAfter, createdBefore, idleSince, secondFactor, endedReason, ip } = filter;
  const tests: Fragment[] = [];
  if (userId !== undefined) tests.push(fragment(`s.${filter.state === 'pending' ? 'pending_user_id' : 'user_id'} = ?`, userId));
  if (createdAfter !== undefined) tests.push(fragment('s.created_at >= ? AND s.last_seen_at >= ?', createdAfter, createdAfter));
  if (createdBefore !== undefined) tests.push(fragment('s.created_at < ?', createdBefore));
  // A session is never seen before it was created, so this bounds the index of either order.
  if (idleSince !== undefined) tests.push(fragment('s.last_seen_at <= ? AND s.created_at <= ?', idleSince, idleSince));
  if (secondFactor !== undefined) tests.push(fragment('s.second_factor = ?', secondFactor));
  if (endedReason !== undefined) tests.push(fragment('s.ended_at IS NOT NULL AND s.ended_reason = ?', endedReason));
  if (ip !== undefined) tests.push(fragment(`${ipOf(db, 's.')} = ?`, ip));
  const searched = q === undefined ? null : await searchParts(db, q, { order, state: filter.state });
  if (searched) tests.push(...searched.tests);
  // The sessions of a user, or of an IP address, are adjacent in the order of the list.
  const ordered = order === null || userId !== undefined || ip !== undefined;
  return { tests, few: searched?.few ?? (ordered ? null : await fewInRange(db, filter, order)) };
}

/** The sessions of a period, if the list is sorted by the other time: a few of them would be far apart in that order. */
async function fewInRange(
  db: Database,
  { createdAfter, createdBefore, idleSince }: SessionFilter,
  order: SessionOrder,
): Promise<Fragment[] | null> {
  if (db.dialect !== 'sqlite') return null;
  const range =
    order === 'created_at'
      ? idleSince !== undefined && fragment('INDEXED BY sessions_seen WHERE last_seen_at <= ?', idleSince)
      : (createdAfter !== undefined || createdBefore !== undefined) &&
        fragment(
          'INDEXED BY sessions_created WHERE created_at >= ? AND created_at < ?',
          createdAfter ?? 0,
          createdBefore ?? Number.MAX_SAFE_INTEGER,
        );
  if (!range || !(await isFew(db, range, MOST_FETCHED))) return null;
  return [fragment(`SELECT id, ${order} AS place FROM sessions ${range.sql}`, ...range.values)];
}

async function searchParts(
  db: Database,
  q: string,
  { order, state }: { order: SessionOrder | null; state: SessionState },
): Promise<FilterParts> {
  const place = order ?? 'created_at';
  // A login that waits at a stage belongs to no user yet.
  const users = state === 'pending' ? NOBODY : await searchUsers(db, q);
  const range = addressRange(q);
  const column = ipOf(db, '');
  const ofAddress = range && fragment(`WHERE ${column} >= ? AND ${column} < ?`, ...range);
  if (
    order === null ||
    (users.size !== 'many' &&
      (!ofAddress || (await isFew(db, ofAddress, users.size === 'none' && db.dialect === 'sqlite' ? MOST_IN_INDEX : MOST_FETCHED))))
  ) {
    const index = db.dialect === 'sqlite' ? 'INDEXED BY sessions_user ' : '';
    const ofUsers = fragment(
      `SELECT t.id, t.${place} AS place FROM (${users.ids.sql}) AS m CROSS JOIN sessions AS t ${index}WHERE t.user_id = m.user_id`,
      ...users.ids.values,
    );
    const ofRange = ofAddress && fragment(`SELECT id, ${place} AS place FROM sessions ${ofAddress.sql}`, ...ofAddress.values);
    return { few: [...(users.size === 'none' ? [] : [ofUsers]), ...(ofRange ? [ofRange] : [])], tests: [] };
  }
  // Tests the current row, and keeps the planner from using an index for it.
  const address = `(s.ip || '')${db.dialect === 'sqlite' ? '' : ' COLLATE "C"'}`;
  const either = joined(
    [
      ...(range ? [fragment(`(${address} >= ? AND ${address} < ?)`, ...range)] : []),
      ...(users.size === 'many' ? [users.matches('s.user_id')] : []),
      ...(users.size === 'few' ? [fragment(`s.user_id IN (${users.ids.sql})`, ...users.ids.values)] : []),
    ],
    ' OR ',
  );
  return { few: null, tests: [fragment(`(${either.sql})`, ...either.values)] };
}

/** The range of the addresses with this prefix; `null` if no address can have it. */
function addressRange(q: string): [string, string] | null {
  if (!/^[\d.]+$|^[\da-f:]*:[\da-f:]*$/i.test(q)) return null;
  return [q.toLowerCase(), `${q.toLowerCase()}\u{10ffff}`];
}

/** Compares by bytes, like the index. */
function ipOf(db: Database, table: 's.' | ''): string {
  return db.dialect === 'sqlite' ? `${table}ip` : `${table}ip COLLATE "C"`;
}

async function isFew(db: Database, from: Fragment, most: number): Promise<boolean> {
  const rows = await browse(
    db,
    fragment(`SELECT count(*) AS n FROM (SELECT 1 FROM sessions ${from.sql} LIMIT ?) AS few`, ...from.values, most),
  );
  return Number(rows[0]?.['n']) < most;
}
