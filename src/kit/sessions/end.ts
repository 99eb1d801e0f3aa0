import type { EndReason, EventType, SessionRecord } from '../../contracts/records.ts';
import { raiseCredentials } from '../../store/credentials.ts';
import { revokeSessions, type SessionFilter } from '../../store/lists/sessions.ts';
import { endSession, endUserSessions } from '../../store/sessions.ts';
import type { Kit } from '../kit.ts';
import { write, type EventDetails, type Origin, type Writing } from '../write.ts';

/** Maximum sessions of one call with a line each in the audit log; more get one line with their number. */
const MAX_LINES = 1000;

/** Which sessions to end; those that have ended are skipped. */
export type SessionsToEnd =
  | { session: Pick<SessionRecord, 'sid' | 'userId'> }
  | { userId: string; ids?: number[]; exceptSid?: string }
  | { sids: readonly string[]; exceptSid?: string | null }
  | { filter: SessionFilter; exceptSid?: string | null };

export interface EndCause {
  /** Always `revoked` for sessions that are chosen by `sids` or a filter. */
  reason: EndReason;
  /** Id of the user who ends them; `null`: the server, the command line or a service. */
  by: string | null;
  /** The reason that an admin entered; stored with the sessions. */
  note?: string | null;
  /** More details for the audit log. */
  details?: EventDetails;
  /** The `sid` of a session that another event of the caller reports. */
  reported?: string;
}

export interface EndedSession {
  sid: string;
  /** `null` if no user was logged in. */
  userId: string | null;
}

/** The event for each reason. `null`: `password_changed` reports the session that continues under another `sid`. */
const EVENTS: Readonly<Record<EndReason, EventType | null>> = {
  logout: 'logout',
  revoked: 'session_revoked',
  refresh_token_reused: 'refresh_token_reused',
  password_changed: 'session_revoked',
  user_deactivated: 'session_revoked',
  user_deleted: 'session_revoked',
  replaced: null,
  failed: 'session_revoked',
};

/** The `reason` in the details of `session_revoked`. */
const REASONS: Readonly<Partial<Record<EndReason, string>>> = {
  password_changed: 'password changed',
  user_deactivated: 'user deactivated',
  user_deleted: 'user deleted',
  failed: 'login failed',
};

/**
 * Ends sessions, and reports each once in the audit log; the database adds them to the revocation feed in the same commit. Sessions that have already
 * ended are not changed. This is the only way to end a session.
 * @returns the sessions that it ended
 */
export async function endSessions(writing: Writing, which: SessionsToEnd, cause: EndCause): Promise<EndedSession[]> {
  const ended = await end(writing, which, cause);
  report(writing, ended, cause);
  return ended;
}

/**
 * Ends all sessions of a user, including those with a pending login, and raises the counter of credentials, which voids codes and links that were
 * sent. The note is stored with the sessions that were logged in.
 */
export async function endAllOfUser(
  writing: Writing,
  { userId, exceptSid }: { userId: string; exceptSid?: string | null },
  cause: Omit<EndCause, 'reason'>,
): Promise<EndedSession[]> {
  await raiseCredentials(writing.db, userId);
  const revoked: EndCause = { ...cause, reason: 'revoked' };
  const loggedIn = await endSessions(writing, { filter: { state: 'any', userId }, exceptSid: exceptSid ?? null }, revoked);
  const waiting = await endSessions(writing, { userId, ...(exceptSid && { exceptSid }) }, revoked);
  return [...loggedIn, ...waiting];
}

/** Ends the session of a login that failed after it was stored, since its client never got the tokens. Never throws; the caller throws the cause. */
export async function endFailedLogin(kit: Kit, origin: Origin, session: SessionRecord): Promise<void> {
  await write(kit, origin, (writing) => endSessions(writing, { session }, { reason: 'failed', by: null })).catch(() => undefined);
}

async function end({ db, now }: Writing, which: SessionsToEnd, { reason, by, note = null }: EndCause): Promise<EndedSession[]> {
  const ending = { at: now(), reason, by };
  if ('session' in which) {
    const { sid, userId } = which.session;
    return (await endSession(db, { sid, ...ending })) ? [{ sid, userId }] : [];
  }
  if ('userId' in which) {
    const { userId } = which;
    return (await endUserSessions(db, { ...which, ...ending })).map((sid) => ({ sid, userId }));
  }
  return revokeSessions(db, which, { ...ending, note, exceptSid: which.exceptSid ?? null });
}

function report({ record }: Writing, ended: readonly EndedSession[], { reason, by, note = null, details, reported }: EndCause): void {
  const type = EVENTS[reason];
  if (type === null) return;
  const why = note ?? REASONS[reason];
  const all: EventDetails = { ...(why !== undefined && { reason: why }), ...details };
  if (ended.length > MAX_LINES) {
    const [first] = ended;
    const userId = first && ended.every((each) => each.userId === first.userId) ? first.userId : null;
    record(type, { userId, actorId: by, sid: null, details: { ...all, sessions: ended.length } });
    return;
  }
  for (const { sid, userId } of ended) {
    const isAbandonedLogin = reason === 'logout' && userId === null;
    if (sid !== reported && !isAbandonedLogin) record(type, { userId, actorId: by, sid, details: all });
  }
}
