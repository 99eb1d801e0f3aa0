import type { KeyObject } from 'node:crypto';
import { importJWK, importPKCS8, type CryptoKey } from 'jose';
import type { PublicKey } from '../../contracts/plug-points/signing-keys.ts';
import type { VerifyingKey } from '../../jwt/token.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyKindOf } from './key-kinds.ts';
import { publicKeyOf } from './public-key.ts';

/** A key that signs or verifies. */
export interface RingKey {
  /** RFC 7638 thumbprint; absent for HS*. */
  kid?: string;
  key: CryptoKey;
}

/** A key pair, imported once. For HS* both halves are the secret, and `publicKey` is `null`. */
export interface ImportedKey {
  readonly signing: RingKey;
  readonly verifying: RingKey;
  readonly publicKey: PublicKey | null;
}

/** The keys of the server, all for one algorithm, so a token cannot choose another (RFC 8725 section 3.1). */
export interface KeyRing {
  readonly algorithm: Algorithm;
  readonly signing: RingKey;
  /** The signing key goes first. */
  readonly verifying: readonly VerifyingKey[];
  /** Empty for HS*. */
  readonly publicKeys: readonly PublicKey[];
}

/** Imports a key from `readKey`. The private half cannot be exported again. */
export async function importKey(read: { key: KeyObject } | { secret: string }, algorithm: Algorithm): Promise<ImportedKey> {
  if ('secret' in read) return importSecret(read.secret, algorithm);
  const publicKey = await publicKeyOf(read.key, algorithm);
  const { kid } = publicKey;
  const pem = read.key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const verifying = await importJWK(publicKey);
  if (verifying instanceof Uint8Array) throw new TypeError('a public key was read as a secret');
  return { signing: { kid, key: await importPKCS8(pem, algorithm) }, verifying: { kid, key: verifying }, publicKey };
}

/** A ring in which the first key signs and all verify. Duplicates are dropped. @throws {Error} without a key */
export function ringOf(algorithm: Algorithm, keys: readonly ImportedKey[]): KeyRing {
  const kids = keys.map(({ verifying }) => verifying.kid);
  const distinct = keys.filter((_, index) => kids[index] === undefined || kids.indexOf(kids[index]) === index);
  const [first] = distinct;
  if (!first) throw new Error('there is no signing key');
  return {
    algorithm,
    signing: first.signing,
    verifying: distinct.map(({ verifying }) => ({ ...verifying, algorithm })),
    publicKeys: distinct.flatMap(({ publicKey }) => (publicKey ? [publicKey] : [])),
  };
}

async function importSecret(secret: string, algorithm: Algorithm): Promise<ImportedKey> {
  const kind = keyKindOf(algorithm);
  const hash = kind.type === 'secret' ? kind.hash : '';
  const key = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash }, false, ['sign', 'verify']);
  return { signing: { key }, verifying: { key }, publicKey: null };
}
