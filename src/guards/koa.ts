import type { Middleware } from 'koa';
import type { Authenticated } from './verify/authenticated.ts';
import { createAuthenticator, type GuardedBy, type LocalAllauth } from './verify/guarded-by.ts';
import type { VerifierOptions } from './verify/options.ts';
import type { Needs } from './verify/refusals.ts';
import type { Verifier } from './verify/verifier.ts';

export type { LocalAllauth } from './verify/guarded-by.ts';

/** What the guard adds to `ctx.state` in a service whose auth server runs elsewhere. */
export type RemoteAuthState<Claims extends object = Record<never, never>> = Pick<Authenticated<Claims>, 'auth'>;

/** What the guard adds to `ctx.state` in the process of the auth server. `user` loads the user once; `null` if the account was deleted. */
export type AuthState<Claims extends object = Record<never, never>> = Required<Authenticated<Claims>>;

/**
 * Koa middleware that requires a valid access token: `app.use(jwtAuth(allauth))` with the keys and settings of the server in this process, or
 * `app.use(jwtAuth({ issuer, audience }))`. Other requests get 401 (403 if the token lacks a right) with `{"detail": text}` and the reason in
 * `WWW-Authenticate` (RFC 6750 section 3). The description for an expired token is `The access token expired.`
 * @throws {TypeError} naming the invalid option; during a request {DatabaseUnavailable} (status 503) if validation needs the server's database
 */
export function jwtAuth<Claims extends object = Record<never, never>>(allauth: LocalAllauth, needs?: Needs): Middleware<AuthState<Claims>>;
export function jwtAuth<Claims extends object = Record<never, never>>(
  verifier: Verifier<Claims> | VerifierOptions,
  needs?: Needs,
): Middleware<RemoteAuthState<Claims>>;
export function jwtAuth<Claims extends object>(source: GuardedBy<Claims>, needs?: Needs): Middleware<AuthState<Claims>> {
  const authenticate = createAuthenticator(source, needs);
  return async (context, next) => {
    const outcome = await authenticate(context);
    if ('refusal' in outcome) {
      const { status, headers, detail } = outcome.refusal;
      context.status = status;
      context.set({ ...headers });
      context.body = { detail };
      return;
    }
    context.state.auth = outcome.claims;
    if (outcome.user) context.state.user = outcome.user;
    await next();
  };
}
