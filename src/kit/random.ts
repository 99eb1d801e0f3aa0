import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { v4, v7 } from 'uuid';

/** `bytes` random bytes in base64url. */
export function randomSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** A UUIDv7 (RFC 9562), which sorts by creation time. For ids of rows. */
export function newId(): string {
  return v7();
}

/** A UUIDv4, which does not reveal its creation time. For `sid` and `jti`, which leave the server. */
export function newTokenId(): string {
  return v4();
}

/** SHA-256 in hex. For secrets of at least 128 random bits, which need no slow hash. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Compares secrets in constant time. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
