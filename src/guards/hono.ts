import type { Authenticated } from './verify/authenticated.ts';
import { createAuthenticator, type GuardedBy } from './verify/guarded-by.ts';
import type { Needs } from './verify/refusals.ts';
import { toResponse } from './verify/response.ts';

/** The variables that the guard sets: `new Hono<{ Variables: AuthVariables<MyClaims> }>()`, then `c.get('auth')`. */
export type AuthVariables<Claims extends object = Record<never, never>> = Authenticated<Claims>;

interface ContextShape {
  readonly req: { header(name: string): string | undefined };
  set: (name: never, value: never) => void;
}

/**
 * Hono middleware that requires a valid access token: `app.use(jwtAuth({ issuer, audience }))`. Other requests get 401 (403 if the token lacks a
 * right, 503 if it cannot be verified) with `{"detail": text}` and the reason in `WWW-Authenticate` (RFC 6750 section 3).
 * @throws {TypeError} naming the invalid option
 */
export function jwtAuth<Claims extends object = Record<never, never>>(
  source: GuardedBy<Claims>,
  needs?: Needs,
): (context: ContextShape, next: () => Promise<void>) => Promise<Response | void> {
  const authenticate = createAuthenticator(source, needs);
  return async (context, next) => {
    const outcome = await authenticate({ get: (name) => context.req.header(name) ?? '' });
    if ('refusal' in outcome) return toResponse(outcome.refusal);
    // Hono types `set` by the variables of the app; these are the names of AuthVariables.
    const set = context.set.bind(context) as (name: string, value: unknown) => void;
    set('auth', outcome.claims);
    if (outcome.user) set('user', outcome.user);
    await next();
    return undefined;
  };
}
