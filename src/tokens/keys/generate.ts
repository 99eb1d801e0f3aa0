import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { randomSecret } from '../../kit/random.ts';
import { keyKindOf, LEAST_RSA_BITS, type Algorithm } from './algorithms.ts';
import { thumbprintOf } from './public-key.ts';

const generate = promisify(generateKeyPair);

export interface GeneratedKey {
  /** PKCS#8 in PEM (RFC 5958); for HS*, which has no such form, the secret as plain text. */
  pem: string;
  /** RFC 7638 thumbprint; `null` for HS*, whose tokens carry none. */
  kid: string | null;
  algorithm: Algorithm;
}

/** A new key that is right for the algorithm, as HEADLESS_JWT_PRIVATE_KEY takes it. */
export async function generateKey(algorithm: Algorithm): Promise<GeneratedKey> {
  const kind = keyKindOf(algorithm);
  if (kind.type === 'secret') return { pem: randomSecret(kind.bytes), kid: null, algorithm };
  const privateKey = await generatePrivateKey(kind);
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), kid: await thumbprintOf(privateKey), algorithm };
}

type PrivateKind = Exclude<ReturnType<typeof keyKindOf>, { type: 'secret' }>;

async function generatePrivateKey(kind: PrivateKind): Promise<KeyObject> {
  switch (kind.type) {
    case 'rsa':
      return (await generate('rsa', { modulusLength: LEAST_RSA_BITS })).privateKey;
    case 'ec':
      return (await generate('ec', { namedCurve: kind.curve })).privateKey;
    case 'ed25519':
      return (await generate('ed25519')).privateKey;
  }
}
