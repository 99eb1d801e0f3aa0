import type { JWTPayload } from 'jose';
import { createTokenCheck, isText, matchKeys, type TokenFault, type TokenRules } from '../jwt/token.ts';
import type { KeyRing } from './keys/key-ring.ts';

export { timeFault, type TokenFault } from '../jwt/token.ts';

export type TokenUse = 'access' | 'refresh';

/** The verified claims of a token of this server. */
export interface TokenClaims<Use extends TokenUse = TokenUse> {
  sub: string;
  sid: string;
  jti: string;
  iat: number;
  exp: number;
  token_use: Use;
  [claim: string]: unknown;
}

export interface VerifyRules<Use extends TokenUse = TokenUse> extends Pick<TokenRules, 'skew' | 'iatSkew' | 'issuer' | 'audience'> {
  use: Use;
  /** The header's `typ`; default: JWT. */
  typ?: TokenRules['typ'];
}

const REQUIRED_CLAIMS = ['exp', 'iat', 'jti', 'sid', 'sub', 'token_use'];

/** Verifies a token with the keys of a ring, at `now` (Unix seconds). */
export type TokenVerifier<Use extends TokenUse> = (ring: KeyRing, token: string, now: number) => Promise<TokenClaims<Use> | TokenFault>;

/**
 * Creates a verifier of this server's JWTs, which accepts the ring's keys and algorithm only (RFC 8725 sections 3.1 and 3.2). The verifier never
 * throws because of the token. A token without `kid` is tried with each key. Source of the claim rules: allauth `decode_token`.
 */
export function createTokenVerifier<Use extends TokenUse>({ use, typ = 'JWT', ...rules }: VerifyRules<Use>): TokenVerifier<Use> {
  const check = createTokenCheck({
    ...rules,
    typ,
    requiredClaims: REQUIRED_CLAIMS,
    claimsFault: (claims) => (isOurs(claims, use) ? null : `not a token for ${use}`),
  });
  return async (ring, token, now) => {
    const result = await check(token, (query) => matchKeys(ring.verifying, query), now);
    if ('fault' in result) return result.fault;
    return isOurs(result.claims, use) ? result.claims : 'invalid';
  };
}

function isOurs<Use extends TokenUse>(payload: JWTPayload, use: Use): payload is JWTPayload & TokenClaims<Use> {
  const { sub, sid, jti, iat, exp, token_use } = payload as Record<string, unknown>;
  return token_use === use && isText(sub) && isText(sid) && isText(jti) && typeof iat === 'number' && typeof exp === 'number';
}
