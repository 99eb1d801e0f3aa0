import type { LiveToken } from '../contracts/plug-points/token-strategy.ts';
import type { Page, PageReply, PageRequest } from '../http/area.ts';
import type { Kit } from '../kit/kit.ts';
import { endSessions } from '../kit/sessions/end.ts';
import { findTokenSession, type UserSession } from '../kit/sessions/live.ts';
import { SERVER_ORIGIN, write } from '../kit/write.ts';
import { jsonReply, oauthError, oauthRefusal, refuseService } from './service-access.ts';

export const INTROSPECTION_PATH = '/_allauth/introspect';
export const REVOCATION_PATH = '/_allauth/revoke';

/** Whether a token is active (RFC 7662). Always checks the session, regardless of HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED. */
export const introspection: Page = {
  path: INTROSPECTION_PATH,
  methods: ['POST'],
  refused: oauthRefusal,
  async handle(kit, request) {
    const token = await readToken(kit, request);
    if (typeof token !== 'string') return token;
    const live = await findLive(kit, token);
    return jsonReply(200, live ? { ...live.claims, active: true, token_type: 'Bearer' } : { active: false });
  },
};

/** Ends the session of an access or refresh token (RFC 7009); 200 also for an invalid token (section 2.2). */
export const revocation: Page = {
  path: REVOCATION_PATH,
  methods: ['POST'],
  refused: oauthRefusal,
  async handle(kit, request) {
    const token = await readToken(kit, request);
    if (typeof token !== 'string') return token;
    const live = await findLive(kit, token);
    if (live) await revokeSession(kit, live.opened, request.ip);
    return jsonReply(200, {});
  },
};

/** The authorization server metadata (RFC 8414); 404 if HEADLESS_JWT_ISSUER is not set. */
export const metadata: Page = {
  path: '/.well-known/oauth-authorization-server',
  async handle({ settings }) {
    const { HEADLESS_JWT_ISSUER: issuer } = settings;
    if (issuer === null) return oauthError(404, 'not_found', 'HEADLESS_JWT_ISSUER is not set.');
    const base = issuer.replace(/\/+$/, '');
    const body = {
      issuer,
      jwks_uri: `${base}/.well-known/jwks.json`,
      introspection_endpoint: `${base}${INTROSPECTION_PATH}`,
      // RFC 8414 section 2 allows the type of an access token here for introspection only; the revocation endpoint accepts it too.
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
      revocation_endpoint: `${base}${REVOCATION_PATH}`,
      revocation_endpoint_auth_methods_supported: ['client_secret_basic'],
      response_types_supported: [],
    };
    return jsonReply(200, body, { 'Cache-Control': 'public, max-age=300' });
  },
};

/** The parameter `token` of the form, or the refusal. */
async function readToken(kit: Kit, request: PageRequest): Promise<string | PageReply> {
  const refusal = await refuseService(kit, request);
  if (refusal) return refusal;
  const [type = ''] = request.header('Content-Type').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    return oauthError(400, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
  }
  const [token = '', ...more] = new URLSearchParams(request.body).getAll('token');
  if (token === '' || more.length > 0) return oauthError(400, 'invalid_request', 'The parameter token is required, once.');
  return token;
}

async function findLive(kit: Kit, token: string): Promise<(LiveToken & { opened: UserSession }) | null> {
  const strategy = kit.plugins.HEADLESS_TOKEN_STRATEGY;
  const valid = (await strategy.validateAccessToken(token)) ?? (await strategy.validateRefreshToken?.(token)) ?? null;
  if (!valid) return null;
  const { claims } = valid;
  const opened = await findTokenSession(kit, claims);
  return opened && { claims, opened };
}

async function revokeSession(kit: Kit, { session }: UserSession, ip: string): Promise<void> {
  await write(kit, { ...SERVER_ORIGIN, ip }, (writing) =>
    endSessions(writing, { session }, { reason: 'revoked', by: null, details: { by: 'service' } }),
  );
}
