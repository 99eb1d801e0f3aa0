import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { PublicKey } from '../../contracts/plug-points/signing-keys.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';

/** The `kid` of a key: the SHA-256 thumbprint of its public half (RFC 7638). */
export function thumbprintOf(privateKey: KeyObject): Promise<string> {
  return calculateJwkThumbprint(publicJwk(privateKey), 'sha256');
}

/** The public half of a private key as the key set shows it (RFC 7517). */
export async function publicKeyOf(privateKey: KeyObject, algorithm: Algorithm): Promise<PublicKey> {
  const { kty, ...members } = publicJwk(privateKey);
  if (!kty) throw new Error('a key without a type');
  return { kty, ...members, kid: await thumbprintOf(privateKey), alg: algorithm, use: 'sig' };
}

function publicJwk(privateKey: KeyObject): JWK {
  return createPublicKey(privateKey).export({ format: 'jwk' });
}
