import type { Context } from 'koa';
import type { ClientKind } from '../contracts/records.ts';
import { Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { CSRF_COOKIE_AGE, csrfFault, isCsrfToken, newCsrfToken } from './csrf.ts';
import type { Outcome } from './dispatch.ts';
import { clientAddress, isSecure, type Connection } from './origin.ts';
import type { Credentials } from './sessions.ts';

/** User agents are kept with the session; longer ones are cut. Characters. */
const USER_AGENT_MAX = 512;

export function describeConnection(context: Context): Connection {
  const { socket } = context.req;
  return {
    remoteAddress: socket.remoteAddress ?? '',
    encrypted: 'encrypted' in socket && socket.encrypted === true,
    header: (name) => context.get(name),
  };
}

/** Who is asking, from where. Only a browser's cookie counts for a browser, and only headers for an app. */
export function credentialsOf(kit: Kit, context: Context, connection: Connection, client: ClientKind): Credentials {
  return {
    client,
    headers: { get: connection.header },
    cookie: client === 'browser' ? (context.cookies.get(kit.settings.SESSION_COOKIE_NAME) ?? '') : '',
    ip: clientAddress(kit.settings, connection),
    userAgent: context.get('User-Agent').slice(0, USER_AGENT_MAX),
  };
}

/** @throws {Refusal} 403 for a browser's request that another site may have made it send */
export function checkCsrf(kit: Kit, context: Context, connection: Connection): void {
  const fault = csrfFault(kit.settings, {
    method: context.method,
    secure: isSecure(kit.settings, connection),
    host: context.host,
    origin: context.get('Origin'),
    referer: context.get('Referer'),
    cookie: csrfCookie(kit, context),
    token: context.get(kit.settings.CSRF_HEADER_NAME),
  });
  if (fault) throw new Refusal(403, [{ code: 'csrf_failed', message: fault }]);
}

/** The session cookie as the outcome says, and the CSRF token where the browser has none or has just logged in. */
export function addCookies(kit: Kit, context: Context, connection: Connection, outcome: Outcome): void {
  const { settings } = kit;
  const secure = isSecure(settings, connection);
  // Koa would judge by the connection alone, and refuse to send a secure cookie from behind a TLS proxy.
  context.cookies.secure = secure;
  const shared = { path: settings.SESSION_COOKIE_PATH, ...(settings.SESSION_COOKIE_DOMAIN && { domain: settings.SESSION_COOKIE_DOMAIN }) };
  const session = {
    ...shared,
    httpOnly: settings.SESSION_COOKIE_HTTPONLY,
    sameSite: settings.SESSION_COOKIE_SAMESITE,
    secure: settings.SESSION_COOKIE_SECURE ?? secure,
    overwrite: true,
  };
  if (outcome.newToken) {
    const persistent = settings.ACCOUNT_SESSION_REMEMBER !== false;
    context.cookies.set(settings.SESSION_COOKIE_NAME, outcome.newToken, {
      ...session,
      ...(persistent && { maxAge: settings.SESSION_COOKIE_AGE * 1000 }),
    });
  } else if (outcome.dropToken) context.cookies.set(settings.SESSION_COOKIE_NAME, '', { ...session, maxAge: 0, expires: new Date(0) });

  const kept = csrfCookie(kit, context);
  const token = outcome.loggedIn || !isCsrfToken(kept) ? newCsrfToken() : kept;
  if (token !== kept) {
    const { sameSite } = session;
    context.cookies.set(settings.CSRF_COOKIE_NAME, token, {
      ...shared,
      path: '/',
      sameSite,
      secure: session.secure,
      httpOnly: false,
      maxAge: CSRF_COOKIE_AGE * 1000,
      overwrite: true,
    });
  }
  // A page of another origin cannot read the cookie.
  if (settings.CORS_ALLOWED_ORIGINS.includes(context.get('Origin'))) context.set(settings.CSRF_HEADER_NAME, token);
}

function csrfCookie({ settings }: Kit, context: Context): string {
  return context.cookies.get(settings.CSRF_COOKIE_NAME) ?? '';
}
