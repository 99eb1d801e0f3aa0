import { SignJWT } from 'jose';
import type { KeyRing } from './keys/ring.ts';

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
}

/**
 * A JWT in compact form (RFC 7515 section 7.1), signed with the ring's first key, with its `kid`.
 * `more` goes before `own`, which wins. The same claims give the same token, but for ES* and PS*.
 * @throws {DOMException} for a claim that is no data, such as a function
 */
export function signToken({ algorithm, signing }: KeyRing, own: OwnClaims, more: Record<string, unknown> = {}): Promise<string> {
  const header = { alg: algorithm, typ: 'JWT', ...(signing.kid !== undefined && { kid: signing.kid }) };
  return new SignJWT({ ...more, ...own }).setProtectedHeader(header).sign(signing.key);
}
