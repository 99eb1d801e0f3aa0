import type { RefreshTokenRecord, RefreshTokenState } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { liveAt } from './live.ts';
import { refreshTokenColumns, refreshTokenOf, SESSION_COLUMNS, SESSION_USER, sessionOf, USER_COLUMNS, userOf } from './rows.ts';
import { booleanOf, numberOf, numberOrNull, statement, type Value } from './engine/statements.ts';

const INSERT_INTO = 'INSERT INTO refresh_tokens (jti, session_id, parent_jti, access_jti, issued_at, expires_at)';

const INSERT = statement('refresh_tokens_insert', `${INSERT_INTO} VALUES (?1, ?2, ?3, ?4, ?5, ?6)`);

const FIND = statement(
  'refresh_tokens_find',
  `SELECT ${refreshTokenColumns('t')}, ${SESSION_COLUMNS}, ${USER_COLUMNS}, ${refreshTokenColumns('c')},
     EXISTS (SELECT 1 FROM refresh_tokens AS g WHERE g.parent_jti = c.jti) AS successor_used
   FROM refresh_tokens AS t JOIN sessions AS s ON s.id = t.session_id ${SESSION_USER}
   LEFT JOIN refresh_tokens AS c ON c.parent_jti = t.jti
   WHERE t.jti = ?1`,
);

/** Whether the parent `p` may be replaced: it belongs to the session, has not expired at ?7, and its session `s` is live. */
const REPLACEABLE = `p.jti = ?3 AND p.session_id = ?2 AND p.session_id = s.id AND p.expires_at > ?7 AND ${liveAt('?7')}`;

// SQLite writes one transaction at a time, so no other runs between the two statements of the unit.
const ROTATE_SQLITE = statement(
  'refresh_tokens_rotate_sqlite',
  `${INSERT_INTO} SELECT ?1, s.id, p.jti, ?4, ?5, ?6 FROM refresh_tokens AS p, sessions AS s WHERE ${REPLACEABLE}
   ON CONFLICT (parent_jti) DO NOTHING RETURNING jti`,
);
const EXTEND_SQLITE = statement(
  'refresh_tokens_extend_sqlite',
  `UPDATE sessions SET last_seen_at = ?2, expires_at = ?3 WHERE id = (SELECT session_id FROM refresh_tokens WHERE jti = ?1)`,
);

// The session's row is locked first. After waiting for the lock, a transaction sees whether the session has ended meanwhile; the second of
// two that reach the INSERT finds that the parent already has a successor.
const ROTATE_POSTGRESQL = statement(
  'refresh_tokens_rotate',
  `WITH live AS (
     UPDATE sessions AS s SET last_seen_at = ?7, expires_at = ?8 FROM refresh_tokens AS p
     WHERE ${REPLACEABLE} AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS c WHERE c.parent_jti = p.jti)
     RETURNING s.id, p.jti
   )
   ${INSERT_INTO} SELECT CAST(?1 AS text), live.id, live.jti, CAST(?4 AS text), CAST(?5 AS bigint), CAST(?6 AS bigint) FROM live
   ON CONFLICT (parent_jti) DO NOTHING RETURNING jti`,
);

const EXTEND = statement(
  'refresh_tokens_extend',
  `UPDATE sessions AS s SET last_seen_at = ?2, expires_at = ?3 WHERE s.sid = ?1 AND ${liveAt('?2')} RETURNING id`,
);

const LIST = statement(
  'refresh_tokens_list',
  `SELECT ${refreshTokenColumns('t')}, t.absorbed AS absorbed, t.absorbed_at AS absorbed_at
   FROM refresh_tokens AS t WHERE t.session_id = ?1
   ORDER BY t.issued_at, CASE WHEN t.parent_jti IS NULL THEN 0 ELSE 1 END, t.expires_at, t.jti`,
);

const NOTE_ABSORBED = statement(
  'refresh_tokens_absorbed',
  `UPDATE refresh_tokens SET absorbed = absorbed + 1, absorbed_at = ?2 WHERE jti = ?1`,
);

const LAST_EXPIRY = statement('refresh_tokens_last_expiry', 'SELECT max(expires_at) AS last FROM refresh_tokens');

/** When the last of all refresh tokens expires, Unix seconds; `null` if there are none. */
export async function lastRefreshExpiry(db: Database): Promise<number | null> {
  const [row] = await db.all(LAST_EXPIRY, []);
  return row ? numberOrNull(row, 'last') : null;
}

/** Stores the token that was issued at a login. */
export async function insertRefreshToken(db: Database, token: RefreshTokenRecord): Promise<void> {
  await db.write(INSERT, valuesOf(token));
}

/**
 * The token with its session, user and successor, in any state: the caller decides what is valid. `null` if it was never issued, or expired
 * long ago. `user` is null if the session has no user or the user was deleted (`session.userId` tells which). Hot path.
 */
export async function findRefreshToken(db: Database, jti: string): Promise<RefreshTokenState | null> {
  const [row] = await db.all(FIND, [jti]);
  const token = row && refreshTokenOf(row, 't');
  if (!row || !token) return null;
  const successorUsed = booleanOf(row, 'successor_used');
  return { token, session: sessionOf(row), user: userOf(row), successor: refreshTokenOf(row, 'c'), successorUsed };
}

export interface Rotation {
  parentJti: string;
  /** Belongs to the session of the parent; its own `parentJti` is ignored. */
  successor: RefreshTokenRecord;
  /** Unix seconds. */
  now: number;
  sessionExpiresAt: number;
}

/**
 * Replaces a refresh token with its successor and extends the session, both or neither. If any number of callers, in any number of
 * processes, use the same token, exactly one gets true. False if the token was used, has expired or is unknown, or if its session is not
 * live. Hot path.
 */
export async function rotateRefreshToken(db: Database, { parentJti, successor, now, sessionExpiresAt }: Rotation): Promise<boolean> {
  const values = [...valuesOf({ ...successor, parentJti }), now];
  if (db.dialect === 'postgresql') return (await db.write(ROTATE_POSTGRESQL, [...values, sessionExpiresAt])).length > 0;
  const [inserted = []] = await db.writeUnit([
    { statement: ROTATE_SQLITE, values },
    { statement: EXTEND_SQLITE, values: [successor.jti, now, sessionExpiresAt] },
  ]);
  return inserted.length > 0;
}

/**
 * For a refresh without rotation: records that the session was seen at `now`, and extends it until `expiresAt`. False if it is not live.
 * Hot path.
 */
export async function extendSession(
  db: Database,
  { sid, now, expiresAt }: { sid: string; now: number; expiresAt: number },
): Promise<boolean> {
  return (await db.write(EXTEND, [sid, now, expiresAt])).length > 0;
}

/** Counts that a replaced token was sent again within its grace period and answered with the same successor. */
export async function noteAbsorbedRace(db: Database, jti: string, now: number): Promise<void> {
  await db.write(NOTE_ABSORBED, [jti, now]);
}

/** A refresh token with the counts of its repeated use. */
export interface ListedRefreshToken extends RefreshTokenRecord {
  /** How many times it was sent again within its grace period. */
  absorbed: number;
  /** The last of these times, Unix seconds; `null` if there was none. */
  absorbedAt: number | null;
}

/** The session's refresh tokens that are still stored, oldest first. `sessionId` is the small integer. */
export async function listRefreshTokens(db: Database, sessionId: number): Promise<ListedRefreshToken[]> {
  const rows = await db.all(LIST, [sessionId]);
  return rows.flatMap((row) => {
    const token = refreshTokenOf(row, 't');
    return token ? [{ ...token, absorbed: numberOf(row, 'absorbed'), absorbedAt: numberOrNull(row, 'absorbed_at') }] : [];
  });
}

function valuesOf(token: RefreshTokenRecord): Value[] {
  return [token.jti, token.sessionId, token.parentJti, token.accessJti, token.issuedAt, token.expiresAt];
}
