import type { RefreshTokenRecord, RefreshTokenState, SessionRecord, UserRecord } from '../contracts/records.ts';
import { newTokenId } from '../kit/random.ts';
import { isSubject } from '../kit/sessions/live.ts';
import type { Settings } from '../settings/index.ts';
import { isLive } from '../store/live.ts';

/** The claims of a verified refresh token. */
export interface PresentedToken {
  jti: string;
  sid: string;
  sub: string;
}

/** The status of a refresh token, which decides how a refresh is answered. */
export type RefreshTokenStatus =
  /** Can be used: issue a successor. */
  | { status: 'unused'; token: RefreshTokenRecord; session: SessionRecord; user: UserRecord }
  /** Used, but within the grace period: return the tokens of the successor again. */
  | { status: 'repeated'; successor: RefreshTokenRecord; session: SessionRecord; user: UserRecord }
  /** Used after the grace period, so there is a copy of it: end the session. */
  | { status: 'reused'; token: RefreshTokenRecord; session: SessionRecord; user: UserRecord }
  /** Not valid: refuse it. */
  | { status: 'invalid' };

export type RotationSettings = Pick<
  Settings,
  | 'HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD'
  | 'HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY'
  | 'HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN'
  | 'HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN'
  | 'SESSION_COOKIE_AGE'
  | 'SESSION_ABSOLUTE_AGE'
>;

const INVALID: RefreshTokenStatus = { status: 'invalid' };

/**
 * Returns the status of a verified refresh token from its row (`null` if it was never issued, or was deleted).
 * Tokens of ended sessions, and tokens whose claims name another session or user than their row, are invalid.
 */
export function classifyRefreshToken(
  state: RefreshTokenState | null,
  presented: PresentedToken,
  now: number,
  settings: RotationSettings,
): RefreshTokenStatus {
  if (!state || state.token.jti !== presented.jti || state.token.expiresAt <= now) return INVALID;
  if (!isLive(state, now) || absoluteEnd(state.session, settings) <= now) return INVALID;
  if (state.session.sid !== presented.sid || !isSubject(presented.sub, state)) return INVALID;
  const { token, session, user, successor } = state;
  if (!successor) return { status: 'unused', token, session, user };

  const age = now - successor.issuedAt;
  if (!state.successorUsed && isWithin(age, settings.HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD)) {
    return { status: 'repeated', successor, session, user };
  }
  const leeway = settings.HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY;
  return leeway === false || isWithin(age, leeway) ? INVALID : { status: 'reused', token, session, user };
}

/** A new row, not stored yet, for the successor of `parent`, or for the first token of a session (`null`). */
export function newRefreshToken(
  parent: RefreshTokenRecord | null,
  session: SessionRecord,
  now: number,
  settings: RotationSettings,
): RefreshTokenRecord {
  return {
    jti: newTokenId(),
    sessionId: session.id,
    parentJti: parent?.jti ?? null,
    accessJti: newTokenId(),
    issuedAt: now,
    expiresAt: Math.min(now + settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN, absoluteEnd(session, settings)),
  };
}

/** The expiry (Unix seconds) of an access token that was issued at `issuedAt`. */
export function accessTokenExpiry(session: SessionRecord, issuedAt: number, settings: RotationSettings): number {
  return Math.min(issuedAt + settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN, absoluteEnd(session, settings));
}

/** The expiry (Unix seconds) of a session that is refreshed now: at least that of its tokens, and of a session without tokens. */
export function refreshedSessionExpiry(session: SessionRecord, now: number, settings: RotationSettings): number {
  const idle = Math.max(settings.SESSION_COOKIE_AGE, settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN);
  return Math.min(now + idle, absoluteEnd(session, settings));
}

/** The end (Unix seconds) that activity does not extend: SESSION_ABSOLUTE_AGE after the login; Infinity if it is not set. */
function absoluteEnd(session: SessionRecord, { SESSION_ABSOLUTE_AGE }: RotationSettings): number {
  return SESSION_ABSOLUTE_AGE === null ? Infinity : (session.authenticatedAt ?? session.createdAt) + SESSION_ABSOLUTE_AGE;
}

/** Rows have whole seconds, so an age may be one too large: the last second counts as within. A period of 0 contains nothing. */
function isWithin(age: number, period: number): boolean {
  return period > 0 && age <= period;
}
