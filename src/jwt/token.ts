import { decodeProtectedHeader, errors, jwtVerify, type CryptoKey, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { Algorithm } from '../contracts/algorithms.ts';

/** Why a token is refused: it has expired, or it was never valid here. */
export type TokenFault = 'expired' | 'invalid';

/** A key and its one algorithm, so a token cannot choose another (RFC 8725 section 3.1). */
export interface VerifyingKey {
  /** A key without its own id has its thumbprint here (RFC 7638). Absent for secrets of HS*. */
  kid?: string;
  algorithm: Algorithm;
  key: CryptoKey;
}

/** The key that a token's header asks for. */
export interface KeyQuery {
  alg: string;
  kid?: string;
}

/** Returns the keys that may have signed such a token. What it throws is passed to the caller of the check. */
export type FindKeys = (query: KeyQuery) => readonly VerifyingKey[] | Promise<readonly VerifyingKey[]>;

/** How much the clocks of issuer and verifier may differ, in seconds. */
export interface TimeTolerance {
  /** For `exp`, `nbf` and `iat`. */
  skew: number;
  /**
   * For `iat`, if larger. It is separate, since a tolerance for `iat` does not prolong a token's life: without one, a token that was issued by a server
   * whose clock is a second ahead would be refused. `null`: `iat` is not compared with the clock.
   */
  iatSkew: number | null;
}

/** The rules for tokens of one kind. */
export interface TokenRules extends TimeTolerance {
  /** The header's `typ`: `at+jwt` (RFC 9068 section 2.1); or `JWT`, where it may also be absent. */
  typ: 'at+jwt' | 'JWT';
  requiredClaims: string[];
  /** If set, `iss` must be one of these. */
  issuer?: string | string[];
  /** If set, `aud` must contain one of these. */
  audience?: string | string[];
  /** Why the claims are not those of such a token; `null` if they are. Called with verified claims. */
  claimsFault: (claims: JWTPayload) => string | null;
}

/** The result of a check. `why` is for logs, not for clients. */
export type TokenResult = { claims: JWTPayload } | { fault: TokenFault; why: string };

/** Maximum characters of a token; longer ones are refused before they are parsed. */
const MAX_TOKEN_LENGTH = 16_384;

/** Three parts in base64url without padding (RFC 7515 section 7.1). Decoders are less strict. */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The header members of this server's tokens. Others are refused, above all those that supply a key (`jwk`, `jku`, `x5c`, `x5u`) or change what is
 * signed (`crit`, `b64`): RFC 8725 section 3.10.
 */
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

/** The keys that may have signed a token with this header. A token without `kid` may use any key of its algorithm. */
export function matchKeys(keys: readonly VerifyingKey[], { alg, kid }: KeyQuery): readonly VerifyingKey[] {
  return keys.filter((each) => each.algorithm === alg && (kid === undefined || each.kid === kid));
}

/** The token of `Authorization: SCHEME TOKEN`, with the scheme in any case (RFC 9110 section 11.1); `null` if there is none. Hot. */
export function tokenIn(authorization: string, scheme: string): string | null {
  const text = authorization.trim();
  let start = text.indexOf(' ');
  if (start !== scheme.length || text.slice(0, start).toLowerCase() !== scheme.toLowerCase()) return null;
  while (text[start] === ' ') start += 1;
  const token = text.slice(start);
  return token === '' || token.includes(' ') ? null : token;
}

/** Whether a token is short enough to be parsed. */
export function isReadable(token: string): boolean {
  return token.length <= MAX_TOKEN_LENGTH;
}

/**
 * Checks a JWT's header, signature and claims at `now` (Unix seconds). Throws only what `findKeys` throws, never because of the token.
 * If several keys match (a token without `kid`, a key set with duplicate `kid`), each is tried.
 */
export type TokenCheck = (token: string, findKeys: FindKeys, now: number) => Promise<TokenResult>;

/**
 * Creates a check. Hot: the options are built once a second, and a header is parsed again only if it differs from the last one; all tokens of one key
 * have the same. jose gets the key itself, since a function that finds it would double the cost.
 */
export function createTokenCheck(rules: TokenRules): TokenCheck {
  let current = contextAt(rules, 0);
  let last: { header: string; query: KeyQuery | string } = { header: '', query: 'no header' };
  return async (token, findKeys, now) => {
    if (!isReadable(token) || !COMPACT_FORM.test(token)) return { fault: 'invalid', why: 'not a JWT in compact form' };
    if (current.now !== now) current = contextAt(rules, now);
    const header = token.slice(0, token.indexOf('.'));
    if (last.header !== header) last = { header: copyOf(header), query: readHeader(token, rules.typ) };
    if (typeof last.query === 'string') return { fault: 'invalid', why: last.query };
    const context = current; // other checks may replace it while the keys are found
    const found = findKeys(last.query);
    return tryKeys(token, 'then' in found ? await found : found, context);
  };
}

interface CheckContext {
  rules: TokenRules;
  now: number;
  options: JWTVerifyOptions;
}

async function tryKeys(token: string, keys: readonly VerifyingKey[], context: CheckContext): Promise<TokenResult> {
  for (const { key } of keys) {
    const result = await tryKey(token, key, context);
    if (result !== 'another key') return result;
  }
  return { fault: 'invalid', why: keys.length === 0 ? 'no key with that kid and alg' : 'the signature does not match' };
}

/** The reason that goes with `timeFault`, for logs. */
export const TIME_FAULT = 'the token has expired, or is not valid yet';

/** Why verified claims are not valid at `now`; `null` if they are. */
export function timeFault({ exp, iat, nbf }: JWTPayload, now: number, { skew, iatSkew }: TimeTolerance): TokenFault | null {
  if (exp === undefined || exp <= now - skew) return 'expired';
  if (iat !== undefined && iatSkew !== null && iat > now + Math.max(skew, iatSkew)) return 'invalid';
  return nbf !== undefined && nbf > now + skew ? 'invalid' : null;
}

/** Whether a claim is a non-empty string. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

async function tryKey(token: string, key: CryptoKey, { rules, now, options }: CheckContext): Promise<TokenResult | 'another key'> {
  try {
    const { payload: claims } = await jwtVerify(token, key, options);
    const why = rules.claimsFault(claims);
    if (why !== null) return { fault: 'invalid', why };
    const fault = timeFault(claims, now, rules);
    return fault === null ? { claims } : { fault, why: TIME_FAULT };
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'another key';
    if (!(error instanceof errors.JOSEError)) throw error;
    const expired = error instanceof errors.JWTExpired && rules.claimsFault(error.payload) === null;
    return { fault: expired ? 'expired' : 'invalid', why: error.message };
  }
}

function contextAt(rules: TokenRules, now: number): CheckContext {
  const { skew, requiredClaims, issuer, audience } = rules;
  const options = {
    currentDate: new Date(now * 1000),
    clockTolerance: skew,
    requiredClaims,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  return { rules, now, options };
}

/** A substring keeps the whole string in memory, here a token. */
function copyOf(part: string): string {
  return part.split('').join('');
}

/** The key that a token asks for, or why its header is refused. */
function readHeader(token: string, wanted: TokenRules['typ']): KeyQuery | string {
  const header = parseHeader(token);
  if (header === null) return 'the header is not a JSON object';
  for (const member in header) if (!HEADER_MEMBERS.has(member)) return `the header has a member that is not accepted: ${member}`;
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string') return 'the header has no alg';
  if (kid !== undefined && typeof kid !== 'string') return 'the kid is not a string';
  if (!isOfType(typ, wanted)) return `the typ is not ${wanted}`;
  return { alg, ...(kid !== undefined && { kid }) };
}

function parseHeader(token: string): Record<string, unknown> | null {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch {
    return null;
  }
}

/** In any case, and with or without `application/` (RFC 7515 section 4.1.9). */
function isOfType(typ: unknown, wanted: TokenRules['typ']): boolean {
  if (typ === undefined) return wanted === 'JWT';
  if (typeof typ !== 'string') return false;
  const named = typ.toLowerCase();
  return named === wanted.toLowerCase() || (wanted === 'at+jwt' && named === 'application/at+jwt');
}
