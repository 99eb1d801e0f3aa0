import type { Algorithm } from '../../contracts/algorithms.ts';

/** The kind of key of an algorithm. `type` and `curve` are names of node:crypto; `bytes` is the minimum length of a secret. */
export type KeyKind =
  { type: 'rsa' } | { type: 'ec'; curve: string } | { type: 'ed25519' } | { type: 'secret'; bytes: number; hash: string };

/** The minimum size of an RSA key (RFC 7518 section 3.3). */
export const MIN_RSA_BITS = 2048;

/** The kind of key that the algorithm requires. Secrets are at least as long as the hash (RFC 7518 section 3.2). */
export function keyKindOf(algorithm: Algorithm): KeyKind {
  switch (algorithm) {
    case 'ES256':
      return { type: 'ec', curve: 'prime256v1' };
    case 'ES384':
      return { type: 'ec', curve: 'secp384r1' };
    case 'ES512':
      return { type: 'ec', curve: 'secp521r1' };
    case 'EdDSA':
      return { type: 'ed25519' };
    case 'HS256':
      return { type: 'secret', bytes: 32, hash: 'SHA-256' };
    case 'HS384':
      return { type: 'secret', bytes: 48, hash: 'SHA-384' };
    case 'HS512':
      return { type: 'secret', bytes: 64, hash: 'SHA-512' };
    case 'RS256':
    case 'RS384':
    case 'RS512':
    case 'PS256':
    case 'PS384':
    case 'PS512':
      return { type: 'rsa' };
  }
}

/** The command that generates a key for the algorithm, for error messages. */
export function keyCommand(algorithm: Algorithm): string {
  return `\`allauth keys generate --algorithm ${algorithm}\``;
}
