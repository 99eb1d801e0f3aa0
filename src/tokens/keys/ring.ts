import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { importJWK, importPKCS8, type CryptoKey } from 'jose';
import type { PublicKey } from '../../contracts/plug-points.ts';
import type { Kit } from '../../kit/kit.ts';
import { keyCommand, keyKindOf, type Algorithm } from './algorithms.ts';
import { developmentKey, developmentKeyPath } from './development.ts';
import { publicKeyOf } from './public-key.ts';
import { checkSecret, readKey, type ReadKey } from './read.ts';

/** A key in the form that signing and verifying take; imported once, at start. */
export interface RingKey {
  /** RFC 7638 thumbprint; absent for HS*. */
  kid?: string;
  key: CryptoKey;
}

/** The keys of one server, all for one algorithm: a token cannot choose another one (RFC 8725 section 3.1). */
export interface KeyRing {
  algorithm: Algorithm;
  /** The first key of HEADLESS_JWT_PRIVATE_KEY. */
  signing: RingKey;
  /** All of them, the first one first. */
  verifying: readonly RingKey[];
  /** Empty for HS*. */
  publicKeys: readonly PublicKey[];
}

/** The keys that the settings name are not fit to start with; the message has all that is wrong with them, a line each. */
export class KeysUnusable extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'KeysUnusable';
    this.problems = problems;
  }
}

/** A key and where it was found, in the words of a message. */
interface Source {
  name: string;
  read: ReadKey;
}

/**
 * The key ring of HEADLESS_JWT_ALGORITHM and HEADLESS_JWT_PRIVATE_KEY; for HS* also of SECRET_KEY and its fallbacks.
 * In development a missing key is made.
 * @throws {KeysUnusable}
 */
export async function loadKeyRing(kit: Kit): Promise<KeyRing> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  return makeRing(findSources(kit, algorithm) ?? [await developmentSource(kit, algorithm)], algorithm);
}

/**
 * As `loadKeyRing`, and makes nothing: `null` in development without a key, where the start would make one.
 * @throws {KeysUnusable}
 */
export async function inspectKeyRing(kit: Kit): Promise<KeyRing | null> {
  const algorithm = kit.settings.HEADLESS_JWT_ALGORITHM;
  const given = findSources(kit, algorithm);
  if (given) return makeRing(given, algorithm);
  const path = developmentKeyPath(kit, algorithm);
  return existsSync(path) ? makeRing([{ name: keptName(path), read: readKey(`file:${path}`, algorithm, kit.folder) }], algorithm) : null;
}

function makeRing(sources: readonly Source[], algorithm: Algorithm): Promise<KeyRing> {
  const problems = sources.flatMap(({ name, read }) =>
    'fault' in read ? [`${name} ${read.fault}. A right key: ${keyCommand(algorithm)}.`] : [],
  );
  if (problems.length > 0) throw new KeysUnusable(problems);

  const keys = sources.flatMap(({ read }) => ('key' in read ? [read.key] : []));
  const secrets = sources.flatMap(({ read }) => ('secret' in read ? [read.secret] : []));
  return keys.length > 0 ? ringOfKeys(keys, algorithm) : ringOfSecrets(secrets, algorithm);
}

/** `null`: none is given, and development makes its own. */
function findSources(kit: Kit, algorithm: Algorithm): Source[] | null {
  const { HEADLESS_JWT_PRIVATE_KEY: given, SECRET_KEY, SECRET_KEY_FALLBACKS } = kit.settings;
  const texts = (typeof given === 'string' ? [given] : given).filter((text, _, all) => text.trim() !== '' || all.length > 1);
  if (texts.length > 0) {
    const name = (index: number): string => (texts.length > 1 ? `HEADLESS_JWT_PRIVATE_KEY[${index}]` : 'HEADLESS_JWT_PRIVATE_KEY');
    return texts.map((text, index) => ({ name: name(index), read: readGiven(text, algorithm, kit.folder) }));
  }
  if (keyKindOf(algorithm).type === 'secret' && SECRET_KEY) {
    const first = {
      name: `SECRET_KEY, which signs tokens while HEADLESS_JWT_PRIVATE_KEY is not set,`,
      read: checkSecret(SECRET_KEY, algorithm),
    };
    // One that is too short for the algorithm has never signed a token here.
    const former = SECRET_KEY_FALLBACKS.map((text) => ({ name: 'SECRET_KEY_FALLBACKS', read: checkSecret(text, algorithm) }));
    return [first, ...former.filter(({ read }) => !('fault' in read))];
  }
  if (kit.production) {
    return [{ name: 'HEADLESS_JWT_PRIVATE_KEY', read: { fault: 'is not set, and production needs a signing key of its own' } }];
  }
  return null;
}

async function developmentSource(kit: Kit, algorithm: Algorithm): Promise<Source> {
  const { text, path } = await developmentKey(kit, algorithm);
  return { name: path === null ? 'The development key' : keptName(path), read: readKey(text, algorithm, kit.folder) };
}

function keptName(path: string): string {
  return `The development key in ${path} (it may be deleted, then a new one is made)`;
}

function readGiven(text: string, algorithm: Algorithm, folder: string): ReadKey {
  if (text.trim() === '') return { fault: 'is empty' };
  if (text.trim() === 'database') return { fault: 'is "database", but keys in the database are not supported yet' };
  return readKey(text, algorithm, folder);
}

async function ringOfKeys(keys: readonly KeyObject[], algorithm: Algorithm): Promise<KeyRing> {
  const publicKeys: PublicKey[] = [];
  const verifying: RingKey[] = [];
  for (const key of keys) {
    const publicKey = await publicKeyOf(key, algorithm);
    if (publicKeys.some(({ kid }) => kid === publicKey.kid)) continue; // the same key twice
    publicKeys.push(publicKey);
    verifying.push({ kid: publicKey.kid, key: await importPublic(publicKey) });
  }
  const [first] = keys;
  const [kid] = publicKeys.map((each) => each.kid);
  if (!first || kid === undefined) throw new KeysUnusable(['There is no signing key.']);
  const pem = first.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { algorithm, signing: { kid, key: await importPKCS8(pem, algorithm) }, verifying, publicKeys };
}

async function importPublic(publicKey: PublicKey): Promise<CryptoKey> {
  const key = await importJWK(publicKey);
  if (key instanceof Uint8Array) throw new KeysUnusable(['A public key was read as a secret.']);
  return key;
}

async function ringOfSecrets(secrets: readonly string[], algorithm: Algorithm): Promise<KeyRing> {
  const kind = keyKindOf(algorithm);
  const hash = kind.type === 'secret' ? kind.hash : '';
  const verifying: RingKey[] = [];
  for (const secret of secrets) {
    const key = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash }, false, ['sign', 'verify']);
    verifying.push({ key });
  }
  const [signing] = verifying;
  if (!signing) throw new KeysUnusable(['There is no signing key.']);
  return { algorithm, signing, verifying, publicKeys: [] };
}
