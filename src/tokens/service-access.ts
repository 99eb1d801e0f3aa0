import type { PageReply, PageRequest } from '../http/area.ts';
import { sameText, sha256 } from '../kit/random.ts';
import type { Kit } from '../kit/kit.ts';

const HASHED = 'sha256:';

/**
 * Whether the request brings one of SERVICE_TOKENS: as Bearer (RFC 6750 section 2.1) or as the password of HTTP Basic (RFC 7617, any user name).
 * Gives the 401 to answer with where it does not, else `null`. Every setting is compared, so that the time tells nothing.
 */
export function refuseService({ settings }: Kit, request: PageRequest): PageReply | null {
  const secret = secretOf(request.header('Authorization'));
  const hash = sha256(secret ?? '');
  const fits = settings.SERVICE_TOKENS.map((each) => sameText(hashOf(each), hash)).some(Boolean);
  if (secret !== null && fits) return null;
  return oauthError(401, 'invalid_client', 'One of SERVICE_TOKENS is required.', {
    'WWW-Authenticate': 'Bearer realm="allauth", Basic realm="allauth"',
  });
}

/** A reply that nobody keeps, in JSON. */
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

function hashOf(token: string): string {
  return token.startsWith(HASHED) ? token.slice(HASHED.length).toLowerCase() : sha256(token);
}

function secretOf(header: string): string | null {
  const [scheme = '', value = '', ...more] = header.trim().split(/ +/);
  if (value === '' || more.length > 0) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return null;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? null : pair.slice(colon + 1);
}
