import { nodeHeaders } from './verify/authenticated.ts';
import { createAuthenticator, type GuardedBy } from './verify/guarded-by.ts';
import type { Needs } from './verify/refusals.ts';

export type { Authenticated } from './verify/authenticated.ts';

interface RequestShape {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface ReplyShape {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: unknown): unknown;
}

/**
 * A Fastify hook that requires a valid access token: `app.addHook('onRequest', jwtAuth({ issuer, audience }))`. Other requests get 401 (403 if the
 * token lacks a right, 503 if it cannot be verified) with `{"detail": text}` and the reason in `WWW-Authenticate` (RFC 6750 section 3).
 * @throws {TypeError} naming the invalid option
 */
export function jwtAuth<Claims extends object = Record<never, never>>(
  source: GuardedBy<Claims>,
  needs?: Needs,
): (request: RequestShape, reply: ReplyShape) => Promise<unknown> {
  const authenticate = createAuthenticator(source, needs);
  return async (request, reply) => {
    const outcome = await authenticate(nodeHeaders(request.headers));
    if ('refusal' in outcome) {
      const { status, headers, detail } = outcome.refusal;
      reply.code(status);
      for (const [name, value] of Object.entries(headers)) reply.header(name, value);
      reply.send({ detail });
      return reply; // tells Fastify that the request is answered
    }
    Object.assign(request, { auth: outcome.claims, ...(outcome.user && { user: outcome.user }) });
    return undefined;
  };
}
