import { SignJWT } from 'jose';
import type { KeyRing } from './keys/key-ring.ts';

/** The claims that the server sets; a strategy cannot override them. */
export interface OwnClaims {
  iat: number;
  exp: number;
  sid: string;
  jti: string;
  token_use: 'access' | 'refresh';
  sub: string;
  iss?: string;
  aud?: string | string[];
  /** When the login was completed (RFC 9068 section 2.2.1). */
  auth_time?: number;
}

/**
 * Signs a JWT in compact form (RFC 7515 section 7.1) with the signing key of the ring, whose `kid` goes into the header. `own` claims override `more`.
 * The same claims give the same token, except for ES* and PS*, whose signatures are random.
 * @throws {DOMException} for a claim that cannot be cloned, such as a function
 */
export function signToken(
  { algorithm, signing }: KeyRing,
  own: OwnClaims,
  more: Record<string, unknown> = {},
  typ: 'JWT' | 'at+jwt' = 'JWT',
): Promise<string> {
  const header = { alg: algorithm, typ, ...(signing.kid !== undefined && { kid: signing.kid }) };
  return new SignJWT({ ...more, ...own }).setProtectedHeader(header).sign(signing.key);
}
