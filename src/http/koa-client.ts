import { stringifySetCookie, type SerializeOptions } from 'cookie';
import type { Context } from 'koa';
import type { ClientKind } from '../contracts/records.ts';
import { Refusal } from '../kit/errors.ts';
import { fault } from '../texts/faults.ts';
import type { Kit } from '../kit/kit.ts';
import type { Settings } from '../settings/index.ts';
import { CSRF_COOKIE_AGE, csrfFault, isCsrfToken, newCsrfToken } from './csrf.ts';
import type { Outcome } from './dispatch.ts';
import { isSecure, type Connection } from './origin.ts';
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

/** As which client somebody calls what both may call: with an access token as an app, which no browser sends by itself; else as a browser. */
export function clientOf({ plugins }: Kit, context: Context): ClientKind {
  return plugins.HEADLESS_TOKEN_STRATEGY.getAccessToken({ get: (name) => context.get(name) }) === null ? 'browser' : 'app';
}

/** Who is asking, from where. Only a browser's cookie counts for a browser, and only headers for an app. */
export function credentialsOf(kit: Kit, context: Context, connection: Connection, client: ClientKind): Credentials {
  return {
    client,
    headers: { get: connection.header },
    cookie: client === 'browser' ? (context.cookies.get(kit.settings.SESSION_COOKIE_NAME) ?? '') : '',
    ip: kit.plugins.ACCOUNT_ADAPTER.getClientIp(connection),
    userAgent: kit.plugins.ACCOUNT_ADAPTER.getHttpUserAgent(connection).slice(0, USER_AGENT_MAX),
  };
}

/** @throws {Refusal} 403 for a browser's request that another site may have made it send */
export function checkCsrf(kit: Kit, context: Context, connection: Connection): void {
  const wrong = csrfFault(kit.settings, {
    method: context.method,
    secure: isSecure(kit.settings, connection),
    host: context.host,
    origin: context.get('Origin'),
    referer: context.get('Referer'),
    cookie: csrfCookie(kit, context),
    token: context.get(kit.settings.CSRF_HEADER_NAME),
  });
  if (wrong) throw new Refusal(403, [fault(`csrf_failed.${wrong}`)]);
}

/** The session cookie and that of a trusted browser as the outcome says, and the CSRF token where the browser has none or has just logged in. */
export function addCookies(kit: Kit, context: Context, connection: Connection, outcome: Outcome): void {
  const { settings } = kit;
  const shared = sharedAttributes(settings, isSecure(settings, connection));
  if (outcome.newToken || outcome.dropToken) {
    const persistent = settings.ACCOUNT_SESSION_REMEMBER !== false;
    const life = outcome.newToken ? persistent && { maxAge: settings.SESSION_COOKIE_AGE } : { maxAge: 0, expires: new Date(0) };
    context.append(
      'Set-Cookie',
      stringifySetCookie(settings.SESSION_COOKIE_NAME, outcome.newToken ?? '', {
        ...shared,
        path: settings.SESSION_COOKIE_PATH,
        httpOnly: settings.SESSION_COOKIE_HTTPONLY,
        ...life,
      }),
    );
  }

  if (outcome.trust !== undefined) {
    context.append(
      'Set-Cookie',
      stringifySetCookie(settings.MFA_TRUST_COOKIE_NAME, outcome.trust, {
        ...(settings.MFA_TRUST_COOKIE_DOMAIN && { domain: settings.MFA_TRUST_COOKIE_DOMAIN }),
        path: settings.MFA_TRUST_COOKIE_PATH,
        secure: settings.MFA_TRUST_COOKIE_SECURE ?? isSecure(settings, connection),
        httpOnly: settings.MFA_TRUST_COOKIE_HTTPONLY,
        sameSite: settings.MFA_TRUST_COOKIE_SAMESITE,
        maxAge: settings.MFA_TRUST_COOKIE_AGE,
      }),
    );
  }

  const kept = csrfCookie(kit, context);
  const token = outcome.loggedIn || !isCsrfToken(kept) ? newCsrfToken() : kept;
  if (token !== kept) {
    context.append('Set-Cookie', stringifySetCookie(settings.CSRF_COOKIE_NAME, token, { ...shared, path: '/', maxAge: CSRF_COOKIE_AGE }));
  }
  // A page of another origin cannot read the cookie.
  if (settings.CORS_ALLOWED_ORIGINS.includes(context.get('Origin'))) context.set(settings.CSRF_HEADER_NAME, token);
}

/** Of both cookies: the CSRF token goes where the session goes. Without SESSION_COOKIE_SECURE they are secure where the browser came by https. */
function sharedAttributes(settings: Settings, secure: boolean): SerializeOptions {
  const { SESSION_COOKIE_DOMAIN: domain, SESSION_COOKIE_SAMESITE: sameSite } = settings;
  return {
    ...(domain && { domain }),
    secure: settings.SESSION_COOKIE_SECURE ?? secure,
    sameSite,
  };
}

function csrfCookie({ settings }: Kit, context: Context): string {
  return context.cookies.get(settings.CSRF_COOKIE_NAME) ?? '';
}
