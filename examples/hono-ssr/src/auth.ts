import { createMiddleware } from 'hono/factory';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { createClient, type Client, type Locks } from 'allauth-kit/client';
import { jwtAuth } from 'allauth-kit/fetch';

export const { AUTH_URL = 'http://127.0.0.1:8000' } = process.env;
const { SERVICE_TOKEN, NODE_ENV } = process.env;

/** Checks access tokens by the auth server's keys alone. With the feed a logout elsewhere is felt within a second, else when the token expires. */
const authenticate = jwtAuth({
  jwksUrl: `${AUTH_URL}/.well-known/jwks.json`,
  ...(SERVICE_TOKEN && { revocations: { url: `${AUTH_URL}/_allauth/revocations`, token: SERVICE_TOKEN, onStale: 'closed' } }),
});

/** No script reads it, no other site makes a browser send it with a form. `__Host-`: no other host of the domain can set it. */
const SECURE = NODE_ENV === 'production';
const COOKIE = SECURE ? '__Host-session' : 'session';
const ATTRIBUTES = { httpOnly: true, sameSite: 'Lax', secure: SECURE, path: '/' } as const;
/** Seconds: that of the server's SESSION_COOKIE_AGE. */
const LIFE = 1_209_600;

/** Requests of different visitors do not wait for one another. Of one visitor's at once each may refresh: the server's grace period is for that. */
const NO_LOCKS: Locks = { request: (_name, work) => work() };

export interface Env {
  Variables: { auth: Client };
}

/** Creates a client for each request, whose tokens are in the visitor's cookie and never in a page. */
export const withAuth = createMiddleware<Env>(async (context, next) => {
  const before = getCookie(context, COOKIE) ?? null;
  let kept = before;
  const auth = createClient({
    baseUrl: AUTH_URL,
    locks: NO_LOCKS,
    storage: {
      getItem: () => kept,
      setItem: (_name, value) => (kept = value),
      removeItem: () => (kept = null),
    },
    // The list of sessions names the visitor's browser, not this server.
    fetch(request) {
      request.headers.set('User-Agent', context.req.header('User-Agent') ?? '');
      return fetch(request);
    },
  });
  context.set('auth', auth);
  await next();
  if (kept === before) return;
  if (kept === null) deleteCookie(context, COOKIE, ATTRIBUTES);
  else setCookie(context, COOKIE, kept, { ...ATTRIBUTES, maxAge: LIFE });
});

/** Returns the claims of the signed-in user, or a Response with the reason why there is none. @throws {Unavailable} if a refresh is due and the server is down */
export async function claimsOf(auth: Client): ReturnType<typeof authenticate> {
  const token = await auth.accessToken();
  return authenticate({ headers: new Headers(token === null ? {} : { Authorization: `Bearer ${token}` }) });
}
