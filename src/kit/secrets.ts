import { createHmac, hkdfSync } from 'node:crypto';
import { compactDecrypt, CompactEncrypt } from 'jose';
import type { Kit } from './kit.ts';
import { sameText } from './random.ts';

/**
 * Replaces SECRET_KEY in development if it is not set, so that stored data can be read after a restart. Production does not start without SECRET_KEY.
 */
const DEVELOPMENT_SECRET = 'allauth-kit: development only, protects nothing';

type KeyedKit = Pick<Kit, 'settings'>;

/** Derived keys by purpose: deriving one takes longer than most uses of it. They live as long as the settings. */
const derived = new WeakMap<KeyedKit['settings'], Map<string, readonly Uint8Array[]>>();

/** HMAC-SHA-256 (hex) with a separate key for each `purpose`. For secrets that are too short for a plain hash. */
export function keyedHash(kit: KeyedKit, purpose: string, text: string): string {
  return hmac(currentKey(kit, purpose), text);
}

/** Whether `hash` is the `keyedHash` of the text, with SECRET_KEY or one of SECRET_KEY_FALLBACKS. Takes constant time. */
export function matchesKeyedHash(kit: KeyedKit, purpose: string, text: string, hash: string): boolean {
  return keysFor(kit, purpose)
    .map((key) => sameText(hmac(key, text), hash))
    .includes(true);
}

/** Encrypts text to a compact JWE (RFC 7516; `dir`, A256GCM) with a separate key for each `purpose`. */
export async function encryptText(kit: KeyedKit, purpose: string, text: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(currentKey(kit, purpose));
}

/** Decrypts the result of `encryptText` with SECRET_KEY or one of SECRET_KEY_FALLBACKS; `null` if no key fits. */
export async function decryptText(kit: KeyedKit, purpose: string, jwe: string): Promise<string | null> {
  for (const key of keysFor(kit, purpose)) {
    try {
      const { plaintext } = await compactDecrypt(jwe, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return new TextDecoder().decode(plaintext);
    } catch {
      continue; // encrypted with another key
    }
  }
  return null;
}

function currentKey(kit: KeyedKit, purpose: string): Uint8Array {
  const [current] = keysFor(kit, purpose);
  if (!current) throw new Error('there is no secret to derive a key from');
  return current;
}

/** The key from SECRET_KEY, then those from its fallbacks. */
function keysFor({ settings }: KeyedKit, purpose: string): readonly Uint8Array[] {
  const byPurpose = derived.get(settings) ?? new Map<string, readonly Uint8Array[]>();
  derived.set(settings, byPurpose);
  const known = byPurpose.get(purpose);
  if (known) return known;
  const secrets = [settings.SECRET_KEY ?? DEVELOPMENT_SECRET, ...settings.SECRET_KEY_FALLBACKS];
  const keys = secrets.map((secret) => deriveKey(secret, purpose));
  byPurpose.set(purpose, keys);
  return keys;
}

/** 256 bits by HKDF-SHA-256 (RFC 5869). */
function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `allauth-kit ${purpose}`, 32));
}

function hmac(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
