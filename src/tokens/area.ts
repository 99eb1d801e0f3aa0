import { z } from 'zod';
import { LIMITS } from '../contracts/limits.ts';
import { endpoint, type Area, type Page } from '../http/area.ts';
import { IS_REQUIRED, text } from '../http/input.ts';
import { reply } from '../http/reply.ts';
import { Refusal } from '../kit/errors.ts';
import { sha256 } from '../kit/random.ts';
import { KEY_SET_MAX_AGE } from './keys/key-schedule.ts';
import { introspection, metadata, revocation } from './introspection.ts';
import { revocationFeed } from './revocations.ts';

/** A token that is too long was never issued. It is refused like an unknown one, without `errors`. */
const RefreshToken = z
  .unknown()
  .optional()
  .transform((token) => (typeof token === 'string' && token.length > LIMITS.text ? 'unknown' : token))
  .pipe(text())
  .meta({ type: 'string', maxLength: LIMITS.text, [IS_REQUIRED]: true });

/** Exchanges a refresh token for an access token and, with rotation, a new refresh token; 400 without errors if the token is not valid. */
const refresh = endpoint({
  route: 'POST /tokens/refresh',
  clients: ['app'],
  access: 'anyone',
  rateLimit: 'refresh',
  inputFirst: true,
  input: z.object({ refresh_token: RefreshToken }),
  replies: { 200: reply('TokenPair', () => ({ data: z.object({ access_token: z.string(), refresh_token: z.string().exactOptional() }) })) },
  async handle({ kit, ip }, { refresh_token: token }) {
    const refreshed = await kit.plugins.HEADLESS_TOKEN_STRATEGY.refreshToken(token, { ip });
    if (!refreshed) throw new Refusal(400);
    kit.tallies.add('refresh');
    return { status: 200, data: refreshed };
  },
});

/** The public keys, for services that verify access tokens themselves (RFC 7517 section 5). */
const keySet: Page = {
  path: '/.well-known/jwks.json',
  async handle(kit, { header }) {
    const body = JSON.stringify({ keys: kit.plugins.HEADLESS_TOKEN_STRATEGY.publicKeys() });
    const etag = `"${sha256(body).slice(0, 32)}"`;
    const headers = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': `public, max-age=${KEY_SET_MAX_AGE}`, ETag: etag };
    const known = header('If-None-Match')
      .split(',')
      .map((each) => each.trim().replace(/^W\//, ''));
    if (known.includes(etag) || known.includes('*')) return { status: 304, headers, body: '' };
    return { status: 200, headers, body };
  },
};

/** Refreshing, verifying, introspecting and revoking tokens. */
export const tokens: Area = { name: 'tokens', endpoints: [refresh], pages: [keySet, metadata, introspection, revocation, revocationFeed] };
