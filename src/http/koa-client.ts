import { stringifySetCookie } from 'cookie';
import type { Context } from 'koa';
import type { ClientKind } from '../contracts/records.ts';
import { LIMITS } from '../contracts/limits.ts';
import { Refusal } from '../kit/errors.ts';
import { fault } from '../texts/faults.ts';
import type { Kit } from '../kit/kit.ts';
import type { Settings } from '../settings/index.ts';
import { serializedAttributes, type ReplyCookie } from './cookies.ts';
import { CSRF_COOKIE_AGE, csrfFault, isCsrfToken, newCsrfToken } from './csrf.ts';
import type { Outcome } from './dispatch.ts';
import { isSecure, type Connection } from './origin.ts';
import type { Route } from './routes.ts';
import type { Credentials } from './sessions.ts';

export function describeConnection(context: Context): Connection {
  const { socket } = context.req;
  return {
    remoteAddress: socket.remoteAddress ?? '',
    encrypted: 'encrypted' in socket && socket.encrypted === true,
    header: (name) => context.get(name),
  };
}

/** The client that calls a route outside the headless API: an app if it brings an access token, which no browser sends by itself; else a browser. */
export function clientOf({ plugins }: Kit, { acceptsToken }: Route, context: Context): ClientKind {
  if (acceptsToken === null) return 'browser';
  return plugins.HEADLESS_TOKEN_STRATEGY.getAccessToken({ get: (name) => context.get(name) }) === null ? 'browser' : 'app';
}

/** Who is asking, from where. Only a browser's cookie counts for a browser, and only headers for an app. */
export function credentialsOf(kit: Kit, context: Context, connection: Connection, client: ClientKind): Credentials {
  return {
    client,
    headers: { get: connection.header },
    cookie: client === 'browser' ? (context.cookies.get(kit.settings.SESSION_COOKIE_NAME) ?? '') : '',
    ip: kit.plugins.ACCOUNT_ADAPTER.getClientIp(connection),
    userAgent: kit.plugins.ACCOUNT_ADAPTER.getHttpUserAgent(connection).slice(0, LIMITS.userAgent),
  };
}

/**
 * @param formToken the CSRF token of a form; it counts if there is none in the header
 * @throws {Refusal} 403 for a browser's request that another site may have made it send
 */
export function checkCsrf(kit: Kit, context: Context, connection: Connection, formToken = ''): void {
  const wrong = csrfFault(kit.settings, {
    method: context.method,
    secure: isSecure(kit.settings, connection),
    host: context.host,
    origin: context.get('Origin'),
    referer: context.get('Referer'),
    cookie: csrfCookie(kit, context),
    token: context.get(kit.settings.CSRF_HEADER_NAME) || formToken,
  });
  if (wrong) throw new Refusal(403, [fault(`csrf_failed.${wrong}`)]);
}

/** Sets the session cookie and the other cookies of the outcome, and the CSRF token if the browser has none or has just logged in. */
export function addCookies(kit: Kit, context: Context, connection: Connection, outcome: Outcome): void {
  const { settings } = kit;
  const isHttps = isSecure(settings, connection);
  const kept = csrfCookie(kit, context);
  const token = outcome.loggedIn || !isCsrfToken(kept) ? newCsrfToken() : kept;
  const cookies = [
    ...(outcome.newToken || outcome.dropToken ? [sessionCookie(settings, outcome.newToken ?? null)] : []),
    ...(outcome.cookies ?? []),
    ...(token !== kept ? [newCsrfCookie(settings, token)] : []),
  ];
  for (const cookie of cookies) {
    context.append('Set-Cookie', stringifySetCookie(cookie.name, cookie.value ?? '', serializedAttributes(cookie, isHttps)));
  }
  // A page of another origin cannot read the cookie.
  if (settings.CORS_ALLOWED_ORIGINS.includes(context.get('Origin'))) context.set(settings.CSRF_HEADER_NAME, token);
}

function sessionCookie(settings: Settings, token: string | null): ReplyCookie {
  return {
    name: settings.SESSION_COOKIE_NAME,
    value: token,
    attributes: {
      domain: settings.SESSION_COOKIE_DOMAIN,
      path: settings.SESSION_COOKIE_PATH,
      secure: settings.SESSION_COOKIE_SECURE,
      httpOnly: settings.SESSION_COOKIE_HTTPONLY,
      sameSite: settings.SESSION_COOKIE_SAMESITE,
      maxAge: settings.ACCOUNT_SESSION_REMEMBER === false ? null : settings.SESSION_COOKIE_AGE,
    },
  };
}

/** The CSRF token goes where the session goes; scripts read it. */
function newCsrfCookie(settings: Settings, token: string): ReplyCookie {
  return {
    name: settings.CSRF_COOKIE_NAME,
    value: token,
    attributes: {
      domain: settings.SESSION_COOKIE_DOMAIN,
      path: '/',
      secure: settings.SESSION_COOKIE_SECURE,
      httpOnly: false,
      sameSite: settings.SESSION_COOKIE_SAMESITE,
      maxAge: CSRF_COOKIE_AGE,
    },
  };
}

function csrfCookie({ settings }: Kit, context: Context): string {
  return context.cookies.get(settings.CSRF_COOKIE_NAME) ?? '';
}
