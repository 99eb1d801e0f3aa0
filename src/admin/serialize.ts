import Bowser from 'bowser';
import type { EmailRecord, UserRecord } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import { authenticationMethods } from '../kit/sessions/methods.ts';
import type { Settings } from '../settings/index.ts';
import type { PhoneRecord } from '../store/phones.ts';
import { isLive } from '../store/live.ts';
import type { ListedSession } from '../store/lists/sessions.ts';
import type { ListedUser } from '../store/lists/users.ts';

/** Somebody, in few words. */
export function serializePerson({ plugins }: Kit, user: Pick<UserRecord, 'id' | 'email' | 'username'>) {
  return { id: user.id, email: user.email, display: plugins.ACCOUNT_ADAPTER.userDisplay(user) };
}

/** A user as the admin API shows one; never the hash. */
export function serializeListedUser({ plugins }: Kit, { user, activeSessions }: ListedUser) {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    display: plugins.ACCOUNT_ADAPTER.userDisplay(user),
    is_active: user.isActive,
    is_staff: user.isStaff,
    has_usable_password: user.hasPassword,
    date_joined: user.createdAt,
    last_login: user.lastLoginAt,
    active_sessions: activeSessions,
  };
}

/** The addresses of a user, and by what of them the settings let the user log in. */
export function serializeWays(
  { settings }: Kit,
  { email, username }: Pick<UserRecord, 'email' | 'username'>,
  emails: readonly EmailRecord[],
  phone: PhoneRecord | null,
) {
  const has = { email: email !== null, username: username !== '', phone: phone !== null };
  return {
    emails: emails.map(({ email: address, verified, primary }) => ({ email: address, verified, primary })),
    phone: phone && { phone: phone.phone, verified: phone.verified },
    login_methods: settings.ACCOUNT_LOGIN_METHODS.filter((method) => has[method]),
    login_by_code: settings.ACCOUNT_LOGIN_BY_CODE_ENABLED && (has.email || has.phone),
  };
}

/** A session as the admin API shows one; nothing of its tokens. `ownSid`: the caller's. */
export function serializeListedSession(
  kit: Kit,
  { session, user, endedNote, endedByUser, unusedTokens }: ListedSession,
  now: number,
  ownSid: string,
) {
  const state = stateOf({ session, user }, now);
  return {
    id: session.sid,
    state,
    user: user && serializePerson(kit, user),
    client_kind: session.client,
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
    expires_at: session.expiresAt,
    revoked_at: session.endedAt,
    revoked_by: session.endedBy,
    revoked_by_user: endedByUser && serializePerson(kit, endedByUser),
    revoked_reason: endedNote ?? session.endedReason,
    revoked_kind: session.endedReason,
    ip: session.ip,
    user_agent: session.userAgent,
    client: clientName(session.userAgent),
    methods: authenticationMethods(session),
    second_factor: session.secondFactor,
    live_refresh_tokens: state === 'active' ? unusedTokens : 0,
    is_current: session.sid === ownSid,
  };
}

function stateOf({ session, user }: Pick<ListedSession, 'session' | 'user'>, now: number): 'active' | 'expired' | 'revoked' | 'pending' {
  if (session.endedAt !== null) return 'revoked';
  if (!isLive({ session, user }, now)) return 'expired';
  return session.userId === null ? 'pending' : 'active';
}

/** "Chrome 142 on macOS"; '' where the user agent names nothing known. */
export function clientName(userAgent: string): string {
  if (userAgent === '') return '';
  const { browser, os } = Bowser.parse(userAgent);
  const name = [browser.name, browser.version?.split('.')[0]].filter(Boolean).join(' ');
  return [name, os.name].filter(Boolean).join(' on ');
}

/**
 * Until when access tokens may live that were issued for a session before it ended, Unix seconds; `null` where none does: it was given none, or
 * each is looked up (HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED). `lastIssuedAt`: of its newest refresh token; `null`: it has none.
 */
export function accessTokensValidUntil(
  settings: Settings,
  { session }: Pick<ListedSession, 'session'>,
  lastIssuedAt: number | null,
): number | null {
  if (settings.HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED || lastIssuedAt === null) return null;
  // Without rotation a refresh leaves its time at the session alone.
  return Math.max(lastIssuedAt, session.lastSeenAt) + settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN;
}
