import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { PublicKey } from '../../contracts/plug-points/signing-keys.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';

/** The SHA-256 thumbprint of the public half (RFC 7638), used as `kid`. */
export function thumbprintOf(privateKey: KeyObject): Promise<string> {
  return calculateJwkThumbprint(publicJwk(privateKey), 'sha256');
}

/** The public half of a private key, as a member of the key set (RFC 7517). */
export async function publicKeyOf(privateKey: KeyObject, algorithm: Algorithm): Promise<PublicKey> {
  const { kty, ...members } = publicJwk(privateKey);
  if (!kty) throw new Error('a key without a type');
  return { kty, ...members, kid: await thumbprintOf(privateKey), alg: algorithm, use: 'sig' };
}

function publicJwk(privateKey: KeyObject): JWK {
  return createPublicKey(privateKey).export({ format: 'jwk' });
}
