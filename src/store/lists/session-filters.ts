import type { EndReason } from '../../contracts/records.ts';
import type { Database } from '../engine/database.ts';
import { browse, fragment, joined, type Fragment } from '../engine/fragments.ts';
import { NOBODY, searchUsers } from './user-search.ts';

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

/** Sessions of one state, or a part of them, that one index has in the order of a list. */
export interface Branch {
  where: Fragment;
  /** The name of that index, as far as the order does not tell it. */
  kind: 'active' | 'lapsed' | 'lapsing' | 'ended' | 'pending' | 'any';
}

/** What a filter asks of a session `s`. */
export interface FilterParts {
  /** Conditions, beside the state. */
  tests: Fragment[];
  /** SELECTs of `id` and, as `place`, the column of the order, of all sessions that can match, where they are to be fetched; `null`: they are not. */
  few: Fragment[] | null;
}

/** Rows that are fetched and sorted, rather than that the list is walked in its order until the page is full. */
const MOST_FETCHED = 2000;

/** The same, of rows that lie together in an index of SQLite that has the order too; PostgreSQL sorts so many no faster than it walks. */
const MOST_IN_INDEX = 8000;

/** The session states; what is `lapsed` is marked so by the cleanup, some time after its expiry. Sessions that run on of users who were deactivated by other means than this server's are in `any` alone. */
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

/** SQLite makes a join of EXISTS and reads all users for it, however few sessions are asked for; PostgreSQL does so only where it pays. */
function isOfLiveUser(db: Database): string {
  return db.dialect === 'sqlite'
    ? '(SELECT live.is_active FROM users AS live WHERE live.id = s.user_id)'
    : 'EXISTS (SELECT 1 FROM users AS live WHERE live.id = s.user_id AND live.is_active)';
}

/**
 * The index to walk, named to SQLite, which knows nothing of how many rows a condition leaves unless somebody has run ANALYZE. PostgreSQL, which
 * does, gets no name.
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

/** Whether nothing can match: what runs has not ended for any reason. */
export function isContradictory({ state, endedReason }: SessionFilter): boolean {
  return endedReason !== undefined && state !== 'revoked' && state !== 'any';
}

/** Takes the filter apart, all but its state. `order`: that of the page that is wanted; `null`: all are, in no order. */
export async function filterParts(db: Database, filter: SessionFilter, order: SessionOrder | null): Promise<FilterParts> {
  const { q, userId, createdAfter, createdBefore, idleSince, secondFactor, endedReason, ip } = filter;
  const tests: Fragment[] = [];
  if (userId !== undefined) tests.push(fragment(`s.${filter.state === 'pending' ? 'pending_user_id' : 'user_id'} = ?`, userId));
  if (createdAfter !== undefined) tests.push(fragment('s.created_at >= ? AND s.last_seen_at >= ?', createdAfter, createdAfter));
  if (createdBefore !== undefined) tests.push(fragment('s.created_at < ?', createdBefore));
  // Nothing was seen before it was made: that bounds whichever index the order takes.
  if (idleSince !== undefined) tests.push(fragment('s.last_seen_at <= ? AND s.created_at <= ?', idleSince, idleSince));
  if (secondFactor !== undefined) tests.push(fragment('s.second_factor = ?', secondFactor));
  if (endedReason !== undefined) tests.push(fragment('s.ended_at IS NOT NULL AND s.ended_reason = ?', endedReason));
  if (ip !== undefined) tests.push(fragment(`${ipOf(db, 's.')} = ?`, ip));
  const searched = q === undefined ? null : await searchParts(db, q, { order, state: filter.state });
  if (searched) tests.push(...searched.tests);
  // A user's sessions, and those of an address, lie together in the order of the list.
  const ordered = order === null || userId !== undefined || ip !== undefined;
  return { tests, few: searched?.few ?? (ordered ? null : await fewInRange(db, filter, order)) };
}

/** The sessions of a span of time, where the list goes by the other time: few of them would lie far apart in it. */
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
  // A login that waits for one of its stages is nobody's yet.
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
  // The row at hand is looked at: no index of its own is to lead there.
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

/** From where to where the addresses lie that begin so; `null`: it is no beginning of an address. */
function addressRange(q: string): [string, string] | null {
  if (!/^[\d.]+$|^[\da-f:]*:[\da-f:]*$/i.test(q)) return null;
  return [q.toLowerCase(), `${q.toLowerCase()}\u{10ffff}`];
}

/** By bytes, as the index has it. */
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
