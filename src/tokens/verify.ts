import type { JWTPayload } from 'jose';
import { createTokenJudge, isText, matchKeys, type TokenFault, type TokenRules } from '../guards/verify/token.ts';
import type { KeyRing } from './keys/key-ring.ts';

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

export interface VerifyRules<Use extends TokenUse = TokenUse> extends Pick<TokenRules, 'skew' | 'issuer' | 'audience'> {
  use: Use;
  /** Default: JWT. */
  typ?: TokenRules['typ'];
}

const REQUIRED_CLAIMS = ['exp', 'iat', 'jti', 'sid', 'sub', 'token_use'];

/** Checks a token against the keys of a ring, at `now` (Unix seconds). */
export type TokenVerifier<Use extends TokenUse> = (ring: KeyRing, token: string, now: number) => Promise<TokenClaims<Use> | TokenFault>;

/**
 * Checks JWTs against our keys alone, with the ring's one algorithm (RFC 8725 sections 3.1 and 3.2), and their claims against the rules.
 * Never throws for what a token holds. A token without `kid` is tried with each key. Source of the rules for claims: allauth `decode_token`.
 */
export function createTokenVerifier<Use extends TokenUse>({ use, typ = 'JWT', ...rules }: VerifyRules<Use>): TokenVerifier<Use> {
  const judge = createTokenJudge({
    ...rules,
    typ,
    requiredClaims: REQUIRED_CLAIMS,
    objection: (claims) => (isOurs(claims, use) ? null : `no ${use} token`),
  });
  return async (ring, token, now) => {
    const judged = await judge(token, (query) => matchKeys(ring.verifying, query), now);
    if ('fault' in judged) return judged.fault;
    return isOurs(judged.claims, use) ? judged.claims : 'invalid';
  };
}

function isOurs<Use extends TokenUse>(payload: JWTPayload, use: Use): payload is JWTPayload & TokenClaims<Use> {
  const { sub, sid, jti, iat, exp, token_use } = payload as Record<string, unknown>;
  return token_use === use && isText(sub) && isText(sid) && isText(jti) && typeof iat === 'number' && typeof exp === 'number';
}
