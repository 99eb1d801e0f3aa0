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

/** HMAC-SHA-256 (hex) under a key of its own for each `purpose`. For secrets that are too short for a plain hash. */
export function keyedHash(kit: KeyedKit, purpose: string, text: string): string {
  return hmac(deriveKey(currentSecret(kit), purpose), text);
}

/** Whether `hash` is what `keyedHash` made of the text, now or under one of SECRET_KEY_FALLBACKS. Takes the same time wherever they differ. */
export function matchesKeyedHash(kit: KeyedKit, purpose: string, text: string, hash: string): boolean {
  return secrets(kit)
    .map((secret) => sameText(hmac(deriveKey(secret, purpose), text), hash))
    .includes(true);
}

/** Encrypts text to a compact JWE (RFC 7516; `dir`, A256GCM) under a key of its own for each `purpose`. */
export async function encryptText(kit: KeyedKit, purpose: string, text: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(deriveKey(currentSecret(kit), purpose));
}

/** What `encryptText` was given, now or under one of SECRET_KEY_FALLBACKS; `null` where none of the keys opens it. */
export async function decryptText(kit: KeyedKit, purpose: string, jwe: string): Promise<string | null> {
  for (const secret of secrets(kit)) {
    try {
      const { plaintext } = await compactDecrypt(jwe, deriveKey(secret, purpose), {
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

function currentSecret({ settings }: KeyedKit): string {
  return settings.SECRET_KEY ?? DEVELOPMENT_SECRET;
}

function secrets(kit: KeyedKit): string[] {
  return [currentSecret(kit), ...kit.settings.SECRET_KEY_FALLBACKS];
}

/** 256 bits by HKDF-SHA-256 (RFC 5869). */
function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `allauth-kit ${purpose}`, 32));
}

function hmac(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
