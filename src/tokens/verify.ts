import type { JWTPayload } from 'jose';
import { isText, judgeToken, type KeyQuery, type TokenFault, type TokenRules, type VerifyingKey } from '../guards/verify/token.ts';
import type { KeyRing } from './keys/prepare.ts';

export { timeFault, type TokenFault } from '../guards/verify/token.ts';

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

export interface VerifyRules<Use extends TokenUse = TokenUse> extends Pick<TokenRules, 'now' | 'skew' | 'issuer' | 'audience'> {
  use: Use;
  /** Default: JWT. */
  typ?: TokenRules['typ'];
}

const REQUIRED_CLAIMS = ['exp', 'iat', 'jti', 'sid', 'sub', 'token_use'];

/**
 * Checks a JWT against our keys alone, with the ring's one algorithm (RFC 8725 sections 3.1 and 3.2), and its claims against the rules.
 * Never throws for what a token holds. A token without `kid` is tried with each key. Source of the rules for claims: allauth `decode_token`.
 */
export async function verifyToken<Use extends TokenUse>(
  ring: KeyRing,
  token: string,
  { use, typ = 'JWT', ...rules }: VerifyRules<Use>,
): Promise<TokenClaims<Use> | TokenFault> {
  const judged = await judgeToken(token, (query) => keysFor(ring, query), {
    ...rules,
    typ,
    requiredClaims: REQUIRED_CLAIMS,
    objection: (claims) => (isOurs(claims, use) ? null : `no ${use} token`),
  });
  if ('fault' in judged) return judged.fault;
  return isOurs(judged.claims, use) ? judged.claims : 'invalid';
}

function keysFor({ verifying, algorithm }: KeyRing, { alg, kid }: KeyQuery): readonly VerifyingKey[] {
  if (alg !== algorithm) return [];
  return verifying.filter((each) => kid === undefined || each.kid === kid).map((each) => ({ ...each, algorithm }));
}

function isOurs<Use extends TokenUse>(payload: JWTPayload, use: Use): payload is JWTPayload & TokenClaims<Use> {
  const { sub, sid, jti, iat, exp, token_use } = payload as Record<string, unknown>;
  return token_use === use && isText(sub) && isText(sid) && isText(jti) && typeof iat === 'number' && typeof exp === 'number';
}
