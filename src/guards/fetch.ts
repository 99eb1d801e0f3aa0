import { createAuthenticator, type GuardedBy } from './verify/guarded-by.ts';
import type { Needs } from './verify/refusals.ts';
import { toResponse } from './verify/response.ts';
import type { Verified } from './verify/verifier.ts';

/**
 * Authenticates Web Requests (Next.js route handlers, Workers, Bun, Deno): `const authenticate = jwtAuth({ issuer, audience })`, once, and then
 * `const auth = await authenticate(request); if (auth instanceof Response) return auth;`. Returns the frozen claims of a valid access token, or the
 * response to send: 401 (403 if the token lacks a right, 503 if it cannot be verified) with `{"detail": text}`.
 * @throws {TypeError} naming the invalid option
 */
export function jwtAuth<Claims extends object = Record<never, never>>(
  source: GuardedBy<Claims>,
  needs?: Needs,
): (request: { readonly headers: { get(name: string): string | null } }) => Promise<Verified<Claims> | Response> {
  const authenticate = createAuthenticator(source, needs);
  return async ({ headers }) => {
    const outcome = await authenticate({ get: (name) => headers.get(name) ?? '' });
    return 'refusal' in outcome ? toResponse(outcome.refusal) : outcome.claims;
  };
}
