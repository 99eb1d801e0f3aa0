import type { ClientKind, OpenSession, SessionRecord } from '../contracts/records.ts';
import type { RequestHeaders } from '../contracts/plug-points/request.ts';
import { conflict } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { newTokenId, sha256 } from '../kit/random.ts';
import { findLiveSession, isSubject } from '../kit/sessions/live.ts';
import type { Database } from '../store/engine/database.ts';
import { insertSession, tellEnd, touchSession, updateSession } from '../store/sessions.ts';
import type { AcceptsToken, Request } from './area.ts';

/** What of a request says whose session it belongs to. */
export interface Credentials {
  client: ClientKind;
  headers: RequestHeaders;
  /** The session cookie of a browser; '' where there is none. */
  cookie: string;
  /** Set outside the headless API, where an app's session token does not count, and of its access tokens those that this accepts; `null`: none. */
  acceptsToken?: AcceptsToken | null;
  ip: string;
  userAgent: string;
}

export interface OpenedSession extends OpenSession {
  stored: boolean;
}

/** With activity tracking, a session that was used this recently is not written again for it. Seconds. */
const TOUCH_INTERVAL = 60;

/**
 * The session of the credentials; a new one in memory when they bring none, or an access token that is no good (so the caller hears 401 and refreshes).
 * `null` (410) when an app's credentials name a session that is no more. Source: allauth `headless/internal/authkit.py`.
 */
export async function openSession(kit: Kit, from: Credentials): Promise<OpenedSession | null> {
  const opened = from.client === 'browser' ? await byCookie(kit, from) : await byHeaders(kit, from);
  if (opened === null) return null;
  if (opened === 'none') return { session: newSession(kit, from), user: null, stored: false };
  await trackActivity(kit, from, opened.session);
  return { ...opened, stored: true };
}

/** A session that exists in memory alone until it has something to remember. */
export function newSession(kit: Kit, { client, ip, userAgent }: Pick<Credentials, 'client' | 'ip' | 'userAgent'>): SessionRecord {
  const now = kit.now();
  return {
    id: 0,
    sid: newTokenId(),
    tokenHash: '',
    userId: null,
    pendingUserId: null,
    client,
    ip,
    userAgent,
    createdAt: now,
    lastSeenAt: now,
    authenticatedAt: null,
    expiresAt: now + kit.settings.SESSION_COOKIE_AGE,
    endedAt: null,
    endedReason: null,
    endedBy: null,
    version: 0,
    secondFactor: false,
    data: {},
  };
}

/**
 * What stores the request's session in a transaction; made outside of it, so that a transaction that runs twice stores the same.
 * `renewToken` gives the client a new session token and shuts out whoever knew the old one.
 * @throws {Refusal} (in the transaction) 409 when the session was ended or changed by another request meanwhile
 */
export function sessionSaver(request: Request, { renewToken }: { renewToken: boolean }): (db: Database) => Promise<void> {
  const { kit, session, progress } = request;
  const { stored } = progress;
  const { version } = session;
  if (renewToken || !stored) progress.newToken = kit.plugins.HEADLESS_TOKEN_STRATEGY.createSessionToken(session);
  return async (db) => {
    session.version = version;
    if (!stored) await insertSession(db, session);
    else if (!(await updateSession(db, session, kit.now()))) throw conflict();
    progress.stored = true;
  };
}

async function byCookie(kit: Kit, { cookie }: Credentials): Promise<OpenSession | 'none'> {
  if (!cookie) return 'none';
  const opened = await kit.plugins.HEADLESS_TOKEN_STRATEGY.lookupSession(cookie);
  return opened?.session.client === 'browser' ? opened : 'none';
}

async function byHeaders(kit: Kit, { headers, acceptsToken }: Credentials): Promise<OpenSession | 'none' | null> {
  const strategy = kit.plugins.HEADLESS_TOKEN_STRATEGY;
  const sessionToken = acceptsToken === undefined ? strategy.getSessionToken(headers) : null;
  if (sessionToken) {
    const opened = await strategy.lookupSession(sessionToken);
    if (opened) return opened.session.client === 'app' ? opened : null;
    return (await hearsOfChange(kit, sessionToken)) ? 'none' : null;
  }
  const accessToken = strategy.getAccessToken(headers);
  const validated = accessToken ? await strategy.validateAccessToken(accessToken) : null;
  if (!validated || acceptsToken === null || acceptsToken?.(validated.claims) === false) return 'none';
  const opened = validated.opened ?? (await findLiveSession(kit, validated.claims.sid));
  // A browser gets no tokens: one that names its session was signed by something else than a login.
  return opened && opened.session.client === 'app' && isSubject(validated.claims.sub, opened) ? opened : null;
}

/** Whoever held a session when the password was changed elsewhere hears 401 once, and 410 from then on, as from django-allauth. */
async function hearsOfChange(kit: Kit, sessionToken: string): Promise<boolean> {
  const [sid = '', secret = ''] = sessionToken.split('.');
  return secret !== '' && tellEnd(kit.db, sid, sha256(secret), 'password_changed');
}

async function trackActivity(kit: Kit, { ip, userAgent }: Credentials, session: SessionRecord): Promise<void> {
  if (!kit.settings.USERSESSIONS_TRACK_ACTIVITY || session.userId === null) return;
  const now = kit.now();
  if (now - session.lastSeenAt < TOUCH_INTERVAL && ip === session.ip && userAgent === session.userAgent) return;
  Object.assign(session, { lastSeenAt: now, ip, userAgent });
  await touchSession(kit.db, { sid: session.sid, at: now, ip, userAgent, expiresAt: session.expiresAt });
}
