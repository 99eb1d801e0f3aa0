import type { PageReply, PageRequest } from '../http/area.ts';
import { RateLimited, type Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { sameText, sha256 } from '../kit/random.ts';
import { consumeRate } from '../kit/rate-limits.ts';

const HASHED = 'sha256:';

/**
 * Checks that the request has one of SERVICE_TOKENS: as Bearer (RFC 6750 section 2.1) or as the password of HTTP Basic (RFC 7617, any user name).
 * Returns `null` if it has, otherwise the reply: 401, or 429 after too many failures. Compares with every token, in constant time. Requests with a
 * valid token are not counted, so guesses from the same address do not block a service.
 */
export async function refuseService(kit: Kit, request: PageRequest): Promise<PageReply | null> {
  const given = secretsOf(request.header('Authorization')).map(sha256);
  const fits = kit.settings.SERVICE_TOKENS.flatMap((each) => given.map((hash) => sameText(hashOf(each), hash))).some(Boolean);
  if (fits) return null;
  try {
    await consumeRate(kit, 'service_failed', { ip: request.ip });
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    return oauthError(429, 'slow_down', 'Too many requests without one of SERVICE_TOKENS.', { 'Retry-After': String(error.retryAfter) });
  }
  return oauthError(401, 'invalid_client', 'One of SERVICE_TOKENS is required.', {
    'WWW-Authenticate': 'Bearer realm="allauth", Basic realm="allauth"',
  });
}

/** A JSON reply with `Cache-Control: no-store`. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PageReply {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** An error in the shape of RFC 6749 section 5.2. */
export function oauthError(status: number, error: string, description: string, headers: Readonly<Record<string, string>> = {}): PageReply {
  return jsonReply(status, { error, error_description: description }, headers);
}

/** A refusal of the server, before the page is called, in the same shape. */
export function oauthRefusal({ status, errors }: Refusal): PageReply {
  return oauthError(status, 'invalid_request', errors[0]?.message ?? 'The method is not allowed here.');
}

function hashOf(token: string): string {
  return token.startsWith(HASHED) ? token.slice(HASHED.length).toLowerCase() : sha256(token);
}

/** The possible tokens in the header; [] for other schemes. */
function secretsOf(header: string): string[] {
  const [scheme = '', value = '', ...more] = header.trim().split(/ +/);
  if (value === '' || more.length > 0) return [];
  if (scheme.toLowerCase() === 'bearer') return [value];
  if (scheme.toLowerCase() !== 'basic') return [];
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return [];
  // OAuth clients form-encode the password (RFC 6749 section 2.3.1); others, such as `curl -u`, do not.
  const secret = pair.slice(colon + 1);
  return [secret, ...decodeForm(secret)];
}

function decodeForm(text: string): string[] {
  try {
    return [decodeURIComponent(text.replaceAll('+', ' '))];
  } catch {
    return []; // an invalid percent-encoding
  }
}
