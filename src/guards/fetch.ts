import { askOf, type GuardedBy } from './verify/guarded-by.ts';
import type { Needs } from './verify/refusals.ts';
import { toResponse } from './verify/response.ts';
import type { Verified } from './verify/verifier.ts';

/**
 * For whatever takes a Web Request (Next.js route handlers, Workers, Bun, Deno): `const authenticate = jwtAuth({ issuer, audience })`, once, and then
 * `const auth = await authenticate(request); if (auth instanceof Response) return auth;`. Gives the claims of a good access token, which are frozen,
 * or the answer to give: 401 (403 where the token lacks a right, 503 where nothing can be verified) with `{"detail": text}`.
 * @throws {TypeError} naming the option that is wrong
 */
export function jwtAuth<Claims extends object = Record<never, never>>(
  source: GuardedBy<Claims>,
  needs?: Needs,
): (request: { readonly headers: { get(name: string): string | null } }) => Promise<Verified<Claims> | Response> {
  const ask = askOf(source, needs);
  return async ({ headers }) => {
    const outcome = await ask({ get: (name) => headers.get(name) ?? '' });
    return 'refusal' in outcome ? toResponse(outcome.refusal) : outcome.claims;
  };
}
