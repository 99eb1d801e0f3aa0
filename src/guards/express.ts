import { nodeHeaders } from './verify/authenticated.ts';
import { createAuthenticator, type GuardedBy } from './verify/guarded-by.ts';
import type { Needs } from './verify/refusals.ts';

export type { Authenticated } from './verify/authenticated.ts';

interface RequestShape {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface ResponseShape {
  status(code: number): { json(body: unknown): unknown };
  setHeader(name: string, value: string): unknown;
}

/**
 * Express middleware that requires a valid access token: `app.use(jwtAuth({ issuer, audience }))`. Other requests get 401 (403 if the token lacks a
 * right, 503 if it cannot be verified) with `{"detail": text}` and the reason in `WWW-Authenticate` (RFC 6750 section 3).
 * @throws {TypeError} naming the invalid option
 */
export function jwtAuth<Claims extends object = Record<never, never>>(
  source: GuardedBy<Claims>,
  needs?: Needs,
): (request: RequestShape, response: ResponseShape, next: (error?: unknown) => void) => Promise<void> {
  const authenticate = createAuthenticator(source, needs);
  return async (request, response, next) => {
    const outcome = await authenticate(nodeHeaders(request.headers)).catch((error: unknown) => ({ error }));
    if ('error' in outcome) return next(outcome.error);
    if ('refusal' in outcome) {
      const { status, headers, detail } = outcome.refusal;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.status(status).json({ detail });
      return;
    }
    Object.assign(request, { auth: outcome.claims, ...(outcome.user && { user: outcome.user }) });
    next();
  };
}
