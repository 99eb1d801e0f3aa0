import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Kit } from '../../kit/kit.ts';
import { newId, randomSecret } from '../../kit/random.ts';
import type { SigningKeyRecord } from '../../store/signing-keys.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyKindOf, MIN_RSA_BITS } from './key-kinds.ts';
import { longestTokenLife } from './key-schedule.ts';
import { thumbprintOf } from './public-key.ts';

const generate = promisify(generateKeyPair);

export interface GeneratedKey {
  /** PKCS#8 in PEM (RFC 5958); for HS*, which has no such form, the secret as plain text. */
  pem: string;
  /** RFC 7638 thumbprint; `null` for HS*. */
  kid: string | null;
  algorithm: Algorithm;
}

/** A new key for the algorithm, in the form of HEADLESS_JWT_PRIVATE_KEY. */
export async function generateKey(algorithm: Algorithm): Promise<GeneratedKey> {
  const kind = keyKindOf(algorithm);
  if (kind.type === 'secret') return { pem: randomSecret(kind.bytes), kid: null, algorithm };
  const privateKey = await generatePrivateKey(kind);
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), kid: await thumbprintOf(privateKey), algorithm };
}

/** A new key of this generation that starts to sign in `delay` seconds. `privateKey` is not encrypted. */
export async function generateStoredKey(
  kit: Kit,
  algorithm: Algorithm,
  { generation, delay }: { generation: number; delay: number },
): Promise<SigningKeyRecord> {
  const { pem, kid } = await generateKey(algorithm);
  const createdAt = kit.now();
  const longestLife = longestTokenLife(kit.settings);
  return { id: newId(), algorithm, generation, kid, privateKey: pem, createdAt, signsFrom: createdAt + delay, longestLife };
}

type PrivateKind = Exclude<ReturnType<typeof keyKindOf>, { type: 'secret' }>;

async function generatePrivateKey(kind: PrivateKind): Promise<KeyObject> {
  switch (kind.type) {
    case 'rsa':
      return (await generate('rsa', { modulusLength: MIN_RSA_BITS })).privateKey;
    case 'ec':
      return (await generate('ec', { namedCurve: kind.curve })).privateKey;
    case 'ed25519':
      return (await generate('ed25519')).privateKey;
  }
}
