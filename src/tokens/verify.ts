import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import type { KeyRing, RingKey } from './keys/ring.ts';

/** Why a token is refused: it was good once, or it never was. */
export type TokenFault = 'expired' | 'invalid';

export type TokenUse = 'access' | 'refresh';

/** The claims of a token of ours, checked. */
export interface TokenClaims<Use extends TokenUse = TokenUse> {
  sub: string;
  sid: string;
  jti: string;
  iat: number;
  exp: number;
  token_use: Use;
  [claim: string]: unknown;
}

export interface VerifyRules<Use extends TokenUse = TokenUse> {
  use: Use;
  /** Unix seconds. */
  now: number;
  /** Seconds of tolerance for exp, nbf and iat. */
  skew: number;
  /** Checked where given. */
  issuer?: string;
  /** Where given, `aud` has to name one of them. */
  audience?: string | string[];
}

/** Longer tokens are refused unread. Characters. */
const LONGEST_TOKEN = 16_384;

/** Three parts in base64url without padding (RFC 7515 section 7.1); decoders take more than that. */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The header members of our own tokens. Any other one is refused: those that bring or name a key (`jwk`, `jku`, `x5c`, `x5u`) and those that
 * change what is signed (`crit`, `b64`) most of all (RFC 8725 section 3.10).
 */
const HEADER_MEMBERS = new Set(['alg', 'typ', 'kid']);

const REQUIRED_CLAIMS = ['exp', 'iat', 'jti', 'sid', 'sub', 'token_use'];

/**
 * Checks a JWT against our keys alone, with the ring's one algorithm (RFC 8725 sections 3.1 and 3.2), and its claims against the rules.
 * Never throws for what a token holds. A token without `kid` is tried with each key. Source of the rules for claims: allauth `decode_token`.
 */
export async function verifyToken<Use extends TokenUse>(
  ring: KeyRing,
  token: string,
  rules: VerifyRules<Use>,
): Promise<TokenClaims<Use> | TokenFault> {
  if (token.length > LONGEST_TOKEN || !COMPACT_FORM.test(token)) return 'invalid';
  const options = {
    algorithms: [ring.algorithm],
    currentDate: new Date(rules.now * 1000),
    clockTolerance: rules.skew,
    requiredClaims: REQUIRED_CLAIMS,
    ...(rules.issuer !== undefined && { issuer: rules.issuer }),
    ...(rules.audience !== undefined && { audience: rules.audience }),
  };
  for (const { key } of keysFor(ring, token)) {
    try {
      const { payload } = await jwtVerify(token, key, options);
      return isOurs(payload, rules.use) ? (timeFault(payload, rules) ?? payload) : 'invalid';
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      if (error instanceof errors.JWTExpired) return isOurs(error.payload, rules.use) ? 'expired' : 'invalid';
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return 'invalid';
    }
  }
  return 'invalid';
}

/** What the time says of claims that were checked before; `null` where it says nothing against them. */
export function timeFault({ exp, iat, nbf }: JWTPayload, { now, skew }: Pick<VerifyRules, 'now' | 'skew'>): TokenFault | null {
  if (exp === undefined || exp <= now - skew) return 'expired';
  if (iat !== undefined && iat > now + skew) return 'invalid';
  return nbf !== undefined && nbf > now + skew ? 'invalid' : null;
}

function keysFor({ verifying, algorithm }: KeyRing, token: string): readonly RingKey[] {
  const header = readHeader(token);
  if (!header || header.alg !== algorithm) return [];
  for (const member in header) if (!HEADER_MEMBERS.has(member)) return [];
  const typ: unknown = header.typ;
  if (typ !== undefined && !(typeof typ === 'string' && typ.toUpperCase() === 'JWT')) return [];
  if (header.kid === undefined) return verifying;
  return verifying.filter(({ kid }) => kid === header.kid);
}

function readHeader(token: string): ProtectedHeaderParameters | null {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

function isOurs<Use extends TokenUse>(payload: JWTPayload, use: Use): payload is JWTPayload & TokenClaims<Use> {
  const { sub, sid, jti, iat, exp, token_use } = payload as Record<string, unknown>;
  return token_use === use && isText(sub) && isText(sid) && isText(jti) && typeof iat === 'number' && typeof exp === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
