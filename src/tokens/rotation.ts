import type { RefreshTokenRecord, RefreshTokenState, SessionRecord, UserRecord } from '../contracts/records.ts';
import { newTokenId } from '../kit/random.ts';
import { isSubject } from '../kit/sessions/live.ts';
import type { Settings } from '../settings/index.ts';
import { isLive } from '../store/live.ts';

/** What the signed refresh token says of itself. */
export interface PresentedToken {
  jti: string;
  sid: string;
  sub: string;
}

/** What is to be done with a refresh token. Only `reused` has a consequence beyond the answer. */
export type Verdict =
  /** Give it a successor. */
  | { verdict: 'unused'; token: RefreshTokenRecord; session: SessionRecord; user: UserRecord }
  /** Within its grace: give the successor's pair once more. */
  | { verdict: 'again'; successor: RefreshTokenRecord; session: SessionRecord; user: UserRecord }
  /** Somebody has a copy: end the session. */
  | { verdict: 'reused'; token: RefreshTokenRecord; session: SessionRecord; user: UserRecord }
  | { verdict: 'refused' };

export type RotationSettings = Pick<
  Settings,
  | 'HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD'
  | 'HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY'
  | 'HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN'
  | 'HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN'
  | 'SESSION_COOKIE_AGE'
  | 'SESSION_ABSOLUTE_AGE'
>;

const REFUSED: Verdict = { verdict: 'refused' };

/**
 * Judges a refresh token whose signature is good by its row (`null`: never issued, or forgotten).
 * A session that is not live any more, or that is not the one that the token names, refuses every token of its.
 */
export function judgeRefreshToken(
  state: RefreshTokenState | null,
  presented: PresentedToken,
  now: number,
  settings: RotationSettings,
): Verdict {
  if (!state || state.token.jti !== presented.jti || state.token.expiresAt <= now) return REFUSED;
  if (!isLive(state, now) || absoluteEnd(state.session, settings) <= now) return REFUSED;
  if (state.session.sid !== presented.sid || !isSubject(presented.sub, state)) return REFUSED;
  const { token, session, user, successor } = state;
  if (!successor) return { verdict: 'unused', token, session, user };

  const age = now - successor.issuedAt;
  if (!state.successorUsed && isWithin(age, settings.HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD)) {
    return { verdict: 'again', successor, session, user };
  }
  const leeway = settings.HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY;
  return leeway === false || isWithin(age, leeway) ? REFUSED : { verdict: 'reused', token, session, user };
}

/** A token that follows on `parent` (`null`: the first one, at login), as a row that is not stored yet. */
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

/** When an access token expires that was issued at `issuedAt`. */
export function accessTokenExpiry(session: SessionRecord, issuedAt: number, settings: RotationSettings): number {
  return Math.min(issuedAt + settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN, absoluteEnd(session, settings));
}

/** Until when a session lives that is refreshed now: as long as its tokens can, and as long as without them. */
export function refreshedSessionExpiry(session: SessionRecord, now: number, settings: RotationSettings): number {
  const idle = Math.max(settings.SESSION_COOKIE_AGE, settings.HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN);
  return Math.min(now + idle, absoluteEnd(session, settings));
}

/** The end that no activity moves (SESSION_ABSOLUTE_AGE, from the login on); Infinity where there is none. */
function absoluteEnd(session: SessionRecord, { SESSION_ABSOLUTE_AGE }: RotationSettings): number {
  return SESSION_ABSOLUTE_AGE === null ? Infinity : (session.authenticatedAt ?? session.createdAt) + SESSION_ABSOLUTE_AGE;
}

/** Rows tell whole seconds, so an age may be one too large: the last second counts as within. A period of 0 has no within. */
function isWithin(age: number, period: number): boolean {
  return period > 0 && age <= period;
}
