import { calculateJwkThumbprint, exportJWK, importJWK, importSPKI, type CryptoKey, type JWK } from 'jose';
import type { Algorithm } from '../contracts/algorithms.ts';
import type { VerifyingKey } from './token.ts';

/** The type of key of each algorithm (RFC 7518 section 3, RFC 8037 section 3.1); for secrets, the minimum bytes and the hash. */
const KINDS: Readonly<Record<Algorithm, { kty: string; crv?: string; bytes?: number; hash?: string }>> = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  HS256: { kty: 'oct', bytes: 32, hash: 'SHA-256' },
  HS384: { kty: 'oct', bytes: 48, hash: 'SHA-384' },
  HS512: { kty: 'oct', bytes: 64, hash: 'SHA-512' },
};

/** The members of a public key that are used for importing it. */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const;

/** RFC 7518 section 3.3. */
const MIN_RSA_BITS = 2048;

/** Maximum keys of a set: a token without `kid` is tried with each. */
const MAX_KEYS = 50;

/** All algorithms, or those that need no shared secret. */
export const ALL_ALGORITHMS: readonly Algorithm[] = Object.keys(KINDS) as Algorithm[]; // the type of KINDS requires every algorithm
export const PUBLIC_ALGORITHMS: readonly Algorithm[] = ALL_ALGORITHMS.filter((each) => KINDS[each].kty !== 'oct');

/** The keys of a set, and a text that changes when they change. */
export interface KeySet {
  keys: readonly VerifyingKey[];
  print: string;
}

/**
 * The keys of a JSON Web Key Set (RFC 7517) that verify with one of `algorithms`. Others are skipped (section 5): keys for encryption, of unknown
 * types, too weak, or with their private half. For a published set, `algorithms` must not include HS*.
 * @throws {Error} if it is not a key set
 */
export async function readKeySet(json: unknown, algorithms: readonly Algorithm[]): Promise<KeySet> {
  const members: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'keys') : undefined;
  if (!Array.isArray(members)) throw new Error('not a key set: there is no array "keys"');
  if (members.length > MAX_KEYS) throw new Error(`the key set has more than ${MAX_KEYS} keys`);
  const keys: VerifyingKey[] = [];
  for (const member of members as unknown[]) {
    const key = isKey(member) ? await readKey(member, algorithms) : null;
    if (key) keys.push(key);
  }
  return { keys, print: JSON.stringify(members) };
}

/**
 * Reads a public key as PEM (SubjectPublicKeyInfo). A PEM names no key id: as `kid` it gets its thumbprint (RFC 7638), which this server uses in tokens.
 * @throws {TypeError} if it is not one, or does not fit the algorithm
 */
export async function readPem(pem: string, algorithm: Algorithm): Promise<VerifyingKey> {
  const key = await importSPKI(pem, algorithm, { extractable: true });
  if (isWeak(key)) throw new TypeError(`an RSA key must have at least ${MIN_RSA_BITS} bits`);
  return { kid: await calculateJwkThumbprint(await exportJWK(key)), algorithm, key };
}

async function readKey(jwk: JWK, algorithms: readonly Algorithm[]): Promise<VerifyingKey | null> {
  const algorithm = algorithmOf(jwk, algorithms);
  if (!algorithm || !isForVerifying(jwk)) return null;
  const key = await importKey(jwk, algorithm).catch(() => null);
  if (!key || isWeak(key)) return null;
  // Not for secrets, whose thumbprint is no name to hand out.
  const kid = jwk.kid ?? (jwk.kty === 'oct' ? undefined : await calculateJwkThumbprint(jwk));
  return { ...(kid !== undefined && { kid }), algorithm, key };
}

/** The algorithm in `alg`; without `alg`, RS256 for RSA keys, which every issuer supports. */
function algorithmOf(jwk: JWK, algorithms: readonly Algorithm[]): Algorithm | null {
  const fitting = algorithms.filter(
    (each) => KINDS[each].kty === jwk.kty && (KINDS[each].crv === undefined || KINDS[each].crv === jwk.crv),
  );
  if (jwk.alg !== undefined) return fitting.find((each) => each === jwk.alg || (each === 'EdDSA' && jwk.alg === 'Ed25519')) ?? null;
  if (jwk.kty === 'oct') return null;
  return fitting.length === 1 || fitting.includes('RS256') ? (fitting.find((each) => each === 'RS256') ?? fitting[0] ?? null) : null;
}

/** Whether the key may verify signatures. A key with its private half may not: anyone could have signed with it. */
function isForVerifying(jwk: JWK): boolean {
  if (jwk.d !== undefined || jwk.p !== undefined || (jwk.use !== undefined && jwk.use !== 'sig')) return false;
  return jwk.key_ops === undefined || (Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'));
}

async function importKey(jwk: JWK, algorithm: Algorithm): Promise<CryptoKey | null> {
  const { bytes, hash } = KINDS[algorithm];
  if (bytes !== undefined && hash !== undefined) {
    const secret = await importJWK({ kty: 'oct', k: jwk.k ?? '' }, algorithm);
    if (!(secret instanceof Uint8Array) || secret.length < bytes) return null;
    return crypto.subtle.importKey('raw', new Uint8Array(secret), { name: 'HMAC', hash }, false, ['verify']);
  }
  const plain = Object.fromEntries(PUBLIC_MEMBERS.flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : [])));
  const key = await importJWK({ ...plain, kty: jwk.kty ?? '' }, algorithm);
  return key instanceof Uint8Array ? null : key;
}

function isWeak({ algorithm }: CryptoKey): boolean {
  return 'modulusLength' in algorithm && !(Number(algorithm.modulusLength) >= MIN_RSA_BITS);
}

/** Whether the members that decide are strings, if present. */
function isKey(value: unknown): value is JWK {
  if (typeof value !== 'object' || value === null) return false;
  return ['kty', 'kid', 'alg', 'use', 'crv'].every((name) => ['string', 'undefined'].includes(typeof Reflect.get(value, name)));
}
