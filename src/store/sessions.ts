import type { EndReason, OpenSession, SessionRecord } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { liveAt, runsAt } from './live.ts';
import { SESSION_COLUMNS, SESSION_USER, sessionOf, USER_COLUMNS, userOf } from './rows.ts';
import { numberOf, statement, textOf, textOrNull } from './engine/statements.ts';

const FIND = statement(
  'sessions_find',
  `SELECT ${SESSION_COLUMNS}, ${USER_COLUMNS} FROM sessions AS s ${SESSION_USER} WHERE s.sid = ?1 AND ${liveAt('?2')}`,
);
const INSERT = statement(
  'sessions_insert',
  `INSERT INTO sessions (sid, token_hash, user_id, client, ip, user_agent, created_at, last_seen_at, authenticated_at, expires_at,
     ended_at, ended_reason, ended_by, version, data, second_factor, pending_user_id)
   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) RETURNING id`,
);
const UPDATE = statement(
  'sessions_update',
  `UPDATE sessions AS s SET token_hash = ?4, user_id = ?5, ip = ?6, user_agent = ?7, last_seen_at = ?8, authenticated_at = ?9, expires_at = ?10,
     data = ?11, second_factor = ?12, pending_user_id = ?13, version = version + 1
   WHERE s.sid = ?1 AND s.version = ?2 AND ${liveAt('?3')} RETURNING id`,
);
const END = statement(
  'sessions_end',
  `UPDATE sessions SET ended_at = ?2, ended_reason = ?3, ended_by = ?4 WHERE sid = ?1 AND ended_at IS NULL RETURNING id`,
);
const END_OF_USER = `UPDATE sessions AS s SET ended_at = ?2, ended_reason = ?3, ended_by = ?4
   WHERE (s.user_id = ?1 OR s.pending_user_id = ?1 AND ?3 <> 'password_changed') AND ${runsAt('?2')} AND s.sid <> ?5`;
const END_ALL = statement('sessions_end_all', `${END_OF_USER} RETURNING sid`);
const END_SOME = statement('sessions_end_some', {
  sqlite: `${END_OF_USER} AND id IN (SELECT value FROM json_each(?6)) RETURNING sid`,
  postgresql: `${END_OF_USER} AND id IN (SELECT value::bigint FROM json_array_elements_text(?6::json)) RETURNING sid`,
});
const TELL_END = statement(
  'sessions_tell_end',
  `UPDATE sessions SET token_hash = '' WHERE sid = ?1 AND token_hash = ?2 AND ended_reason = ?3 RETURNING id`,
);
const LIST = statement(
  'sessions_list',
  `SELECT ${SESSION_COLUMNS} FROM sessions AS s WHERE s.user_id = ?1 AND ${liveAt('?2')} ORDER BY s.created_at, s.id`,
);
const HISTORY = statement(
  'sessions_history',
  `SELECT ${SESSION_COLUMNS} FROM sessions AS s WHERE s.user_id = ?1 AND s.id > ?2 ORDER BY s.id LIMIT ?3`,
);
const OWNER = statement('sessions_owner', `SELECT user_id, token_hash FROM sessions WHERE sid = ?1`);

const FORGET = statement('sessions_forget', `UPDATE sessions SET data = '{}', second_factor = false, token_hash = '' WHERE user_id = ?1`);
const TOUCH = statement(
  'sessions_touch',
  `UPDATE sessions AS s SET last_seen_at = ?2, ip = ?3, user_agent = ?4, expires_at = ?5 WHERE s.sid = ?1 AND ${liveAt('?2')}`,
);

/** The session with this `sid` and its user if it is live at `now` (Unix seconds); otherwise `null`. Hot path. */
export async function findSession(db: Database, sid: string, now: number): Promise<OpenSession | null> {
  const [row] = await db.all(FIND, [sid, now]);
  return row ? { session: sessionOf(row), user: userOf(row) } : null;
}

/** Inserts a session and sets its `id`. */
export async function insertSession(db: Database, session: SessionRecord): Promise<void> {
  const [row = {}] = await db.write(INSERT, [
    session.sid,
    session.tokenHash,
    session.userId,
    session.client,
    session.ip,
    session.userAgent,
    session.createdAt,
    session.lastSeenAt,
    session.authenticatedAt,
    session.expiresAt,
    session.endedAt,
    session.endedReason,
    session.endedBy,
    session.version,
    JSON.stringify(session.data),
    session.secondFactor,
    session.pendingUserId,
  ]);
  session.id = numberOf(row, 'id');
}

/**
 * Saves the changes that a request made to a session, and increments `version`. Returns false and saves nothing if another request has
 * saved the session since it was read, or if it has ended or expired; an ended session stays ended.
 */
export async function updateSession(db: Database, session: SessionRecord, now: number): Promise<boolean> {
  const rows = await db.write(UPDATE, [
    session.sid,
    session.version,
    now,
    session.tokenHash,
    session.userId,
    session.ip,
    session.userAgent,
    session.lastSeenAt,
    session.authenticatedAt,
    session.expiresAt,
    JSON.stringify(session.data),
    session.secondFactor,
    session.pendingUserId,
  ]);
  if (rows.length === 0) return false;
  session.version += 1;
  return true;
}

/** The user of a session, live or not, and the hash of its token; `null` if there is no such session. For nothing that opens it. */
export async function findSessionOwner(db: Database, sid: string): Promise<{ userId: string | null; tokenHash: string } | null> {
  const [row] = await db.all(OWNER, [sid]);
  return row ? { userId: textOrNull(row, 'user_id'), tokenHash: textOf(row, 'token_hash') } : null;
}

export interface Ending {
  /** Unix seconds. */
  at: number;
  reason: EndReason;
  /** Id of the user who ends the session; `null` for the server. */
  by: string | null;
}

/** Ends a session permanently. False if it has already ended or does not exist. */
export async function endSession(db: Database, { sid, at, reason, by }: Ending & { sid: string }): Promise<boolean> {
  return (await db.write(END, [sid, at, reason, by])).length > 0;
}

/** Whether the session with this token hash ended for this reason and its client is notified for the first time: the hash is then deleted. */
export async function tellEnd(db: Database, sid: string, tokenHash: string, reason: EndReason): Promise<boolean> {
  return (await db.write(TELL_END, [sid, tokenHash, reason])).length > 0;
}

/**
 * Ends the user's sessions that run at `at`, including those in which a login of the user is pending, unless the password changed: such a
 * login is already void by the counter of credentials, and its session remains as an anonymous one. `which`: all, all except `exceptSid`,
 * or those among `ids`. Returns the `sid` of each ended session.
 */
export async function endUserSessions(
  db: Database,
  { userId, at, reason, by, exceptSid = '', ids }: Ending & { userId: string; exceptSid?: string; ids?: number[] },
): Promise<string[]> {
  const values = [userId, at, reason, by, exceptSid];
  const rows = ids ? await db.write(END_SOME, [...values, JSON.stringify(ids)]) : await db.write(END_ALL, values);
  return rows.map((row) => textOf(row, 'sid'));
}

/** The user's sessions that are live at `now`, oldest first. */
export async function listSessions(db: Database, userId: string, now: number): Promise<SessionRecord[]> {
  return (await db.all(LIST, [userId, now])).map(sessionOf);
}

/** A page of all stored sessions of the user, live or ended, oldest first; the next page starts after the last `id`. */
export async function listSessionHistory(db: Database, userId: string, page: { afterId: number; limit: number }): Promise<SessionRecord[]> {
  return (await db.all(HISTORY, [userId, page.afterId, page.limit])).map(sessionOf);
}

/** Deletes personal data from the user's ended sessions: the addresses, names and numbers that were used to log in. */
export async function forgetSessionData(db: Database, userId: string): Promise<void> {
  await db.write(FORGET, [userId]);
}

export interface Touch {
  sid: string;
  /** Unix seconds. */
  at: number;
  ip: string;
  userAgent: string;
  expiresAt: number;
}

/** Records activity in a live session (setting USERSESSIONS_TRACK_ACTIVITY); otherwise does nothing. */
export async function touchSession(db: Database, { sid, at, ip, userAgent, expiresAt }: Touch): Promise<void> {
  await db.write(TOUCH, [sid, at, ip, userAgent, expiresAt]);
}
