import { createHmac, hkdfSync } from 'node:crypto';
import { compactDecrypt, CompactEncrypt } from 'jose';
import type { Kit } from './kit.ts';
import { sameText } from './random.ts';

/**
 * What stands in for SECRET_KEY on a development server that was given none, so that what it stored can be read after a restart.
 * Production does not start without a SECRET_KEY.
 */
const DEVELOPMENT_SECRET = 'allauth-kit: development only, protects nothing';

type KeyedKit = Pick<Kit, 'settings'>;

/** Keys that were derived, by purpose: deriving one takes longer than what most are used for. They last as long as the settings, which have the secrets. */
const derived = new WeakMap<KeyedKit['settings'], Map<string, readonly Uint8Array[]>>();

/** HMAC-SHA-256 (hex) under a key of its own for each `purpose`. For secrets that are too short for a plain hash. */
export function keyedHash(kit: KeyedKit, purpose: string, text: string): string {
  return hmac(currentKey(kit, purpose), text);
}

/** Whether `hash` is what `keyedHash` made of the text, now or under one of SECRET_KEY_FALLBACKS. Takes the same time wherever they differ. */
export function matchesKeyedHash(kit: KeyedKit, purpose: string, text: string, hash: string): boolean {
  return keysFor(kit, purpose)
    .map((key) => sameText(hmac(key, text), hash))
    .includes(true);
}

/** Encrypts text to a compact JWE (RFC 7516; `dir`, A256GCM) under a key of its own for each `purpose`. */
export async function encryptText(kit: KeyedKit, purpose: string, text: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(currentKey(kit, purpose));
}

/** What `encryptText` was given, now or under one of SECRET_KEY_FALLBACKS; `null` where none of the keys opens it. */
export async function decryptText(kit: KeyedKit, purpose: string, jwe: string): Promise<string | null> {
  for (const key of keysFor(kit, purpose)) {
    try {
      const { plaintext } = await compactDecrypt(jwe, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return new TextDecoder().decode(plaintext);
    } catch {
      continue; // made under another key
    }
  }
  return null;
}

function currentKey(kit: KeyedKit, purpose: string): Uint8Array {
  const [current] = keysFor(kit, purpose);
  if (!current) throw new Error('there is no secret to derive a key from');
  return current;
}

/** The key of SECRET_KEY, then those of its fallbacks. */
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
