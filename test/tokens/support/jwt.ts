import { constants, createHmac, sign as signWith } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Algorithm } from '../../../src/contracts/algorithms.ts';
import { keyKindOf } from '../../../src/tokens/keys/key-kinds.ts';
import { generateKey } from '../../../src/tokens/keys/generate-key.ts';
import { secret, secretKey } from '../../support/secrets.ts';

const keys = new Map<Algorithm, Promise<string>>();

/** A key for the algorithm, as HEADLESS_JWT_PRIVATE_KEY takes it; the same one each time. */
export function keyFor(algorithm: Algorithm): Promise<string> {
  const known = keys.get(algorithm) ?? newKey(algorithm);
  keys.set(algorithm, known);
  return known;
}

/** A key that nobody else has. */
export async function newKey(algorithm: Algorithm): Promise<string> {
  const { pem } = await generateKey(algorithm);
  if (keyKindOf(algorithm).type === 'secret') secret(pem);
  else secretKey(pem);
  return pem;
}

/** What a JWT says, whether or not it is good. */
export function decode(token: string) {
  const { iat = NaN, exp = NaN, ...claims } = decodeJwt<Record<string, unknown>>(token);
  const all: Record<string, unknown> & { iat: number; exp: number } = { ...claims, iat, exp };
  return { header: decodeProtectedHeader(token) as Record<string, unknown>, claims: all };
}

/** Signs a text, by whatever means. */
export type Signer = (input: string) => Buffer;

/** A JWT that nobody checks before it is sent. */
export function forge(header: unknown, claims: unknown, sign: Signer): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign(input).toString('base64url')}`;
}

/** JSON in base64url; text goes as it is. */
export function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export const byRsa =
  (pem: string, hash = 'sha256'): Signer =>
  (input) =>
    signWith(hash, Buffer.from(input), pem);

export const byRsaPss =
  (pem: string, hash = 'sha256'): Signer =>
  (input) =>
    signWith(hash, Buffer.from(input), {
      key: pem,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });

export const byEcdsa =
  (pem: string, hash = 'sha256'): Signer =>
  (input) =>
    signWith(hash, Buffer.from(input), { key: pem, dsaEncoding: 'ieee-p1363' });

export const byHmac =
  (key: string | Buffer, hash = 'sha256'): Signer =>
  (input) =>
    createHmac(hash, key).update(input).digest();

/** No signature at all. */
export const unsigned: Signer = () => Buffer.alloc(0);
