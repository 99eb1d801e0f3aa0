import { SignJWT } from 'jose';
import type { KeyRing } from './keys/key-ring.ts';

/** The claims that every token of ours has; nothing that a strategy adds takes their place. */
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
 * A JWT in compact form (RFC 7515 section 7.1), signed with the ring's first key, with its `kid`.
 * `more` goes before `own`, which wins. The same claims give the same token, but for ES* and PS*.
 * @throws {DOMException} for a claim that is no data, such as a function
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
