/** Why a request is refused. */
export type Reason = 'missing' | 'expired' | 'invalid' | 'insufficient_scope' | 'unavailable';

/** The response to a refused request: `status`, `headers`, and `{"detail": detail}` as JSON. */
export interface Refusal {
  status: 401 | 403 | 503;
  reason: Reason;
  detail: string;
  headers: Readonly<Record<string, string>>;
  /** The reason in detail, for logs, not for the client. Contains nothing of the token but member names. */
  why: string;
}

/** What a request requires beyond a valid token. */
export interface Needs {
  /** The claim `scope` must contain all of these (RFC 8693 section 4.2). */
  scopes?: readonly string[];
  /** The claim `roles` must contain one of these. */
  roles?: readonly string[];
}

/** Seconds after which a client may retry if the token could not be verified. */
const RETRY_AFTER = 5;

const DETAILS: Readonly<Record<Reason, string>> = {
  missing: 'An access token is required.',
  expired: 'The access token expired.',
  invalid: 'The access token is invalid.',
  insufficient_scope: 'The access token does not give this right.',
  unavailable: 'The access token cannot be verified at the moment.',
};

/** The response of RFC 6750 section 3.1. Without a token, the challenge has no error. */
export function refuse(scheme: string, reason: Reason, why = '', scopes: readonly string[] = []): Refusal {
  const detail = DETAILS[reason];
  if (reason === 'unavailable') return { status: 503, reason, detail, why, headers: { 'Retry-After': String(RETRY_AFTER) } };
  const realm = `${scheme} realm="api"`;
  const error = reason === 'insufficient_scope' ? reason : 'invalid_token';
  const scope = scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : '';
  const challenge = reason === 'missing' ? realm : `${realm}, error="${error}", error_description="${detail}"${scope}`;
  return { status: reason === 'insufficient_scope' ? 403 : 401, reason, detail, why, headers: { 'WWW-Authenticate': challenge } };
}

/** Which of the required rights a token lacks; `null` if none. */
export function lacks(claims: Readonly<Record<string, unknown>>, { scopes = [], roles }: Needs): string | null {
  const given = textsOf(claims['scope']);
  const missing = scopes.filter((scope) => !given.includes(scope));
  if (missing.length > 0) return `it lacks the scope ${missing.join(' ')}`;
  if (!roles) return null;
  const held = textsOf(claims['roles']);
  return roles.some((role) => held.includes(role)) ? null : `it has none of the roles ${roles.join(', ')}`;
}

/** @throws {TypeError} for an invalid scope (RFC 6749 section 3.3), or an empty list of roles */
export function checkNeeds({ scopes = [], roles }: Needs): void {
  const bad = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
  if (bad !== undefined) throw new TypeError(`scopes: ${JSON.stringify(bad)} is not a valid scope`);
  if (roles?.length === 0) throw new TypeError('roles: an empty list refuses every request');
}

/** The members of an array or of a space-separated string. */
function textsOf(claim: unknown): readonly unknown[] {
  return typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? (claim as unknown[]) : [];
}
