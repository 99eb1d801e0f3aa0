import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

/** An issuer's key of EdDSA, and tokens signed with it. */
export interface Signer {
  /** As a key set shows it. */
  readonly jwk: Readonly<Record<string, unknown>> & { kid: string };
  /** As PEM (SubjectPublicKeyInfo). */
  readonly pem: string;
  /** A good access token at the time 1000, with these changes. */
  token: (claims?: object, header?: object) => string;
}

/** A new key, made in a millisecond: files that need nothing slower start at once. */
export function signer(kid: string = randomUUID()): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' };
  return {
    jwk,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    token: (claims = {}, header = {}) => {
      const body = { iat: 1000, exp: 1300, sid: 'session', jti: randomUUID(), sub: 'user', token_use: 'access', ...claims };
      const input = `${part({ alg: 'EdDSA', typ: 'JWT', kid, ...header })}.${part(body)}`;
      return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
    },
  };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
