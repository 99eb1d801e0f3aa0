import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode } from '../../log/error-code.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyKindOf, MIN_RSA_BITS, type KeyKind } from './key-kinds.ts';

/** Why a key cannot be used, as the end of a sentence whose subject is the key. Never quotes the key. */
export interface Fault {
  fault: string;
}

/** A private key (`key`), or a secret of HS* (`secret`). */
export type ReadKey = { key: KeyObject } | { secret: string } | Fault;

/** The types of node:crypto for the PEM labels of private keys (RFC 7468 section 10, RFC 8017 A.1.2, RFC 5915). */
const DER_TYPES = new Map<string, 'pkcs8' | 'pkcs1' | 'sec1'>([
  ['PRIVATE KEY', 'pkcs8'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
]);

const PRIVATE_BLOCK = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

const PEM = '-----BEGIN ';

/** Maximum characters of a key file; a larger file is not a key file. */
const MAX_FILE_LENGTH = 262_144;

/**
 * Reads a key: PEM text (also with literal `\n` or spaces for line breaks), PEM in base64, or `file:PATH` relative to `folder`; for HS* plain text
 * or `file:PATH`. Checks that it fits the algorithm.
 */
export function readKey(text: string, algorithm: Algorithm, folder: string): ReadKey {
  const kind = keyKindOf(algorithm);
  const path = filePathOf(text, folder);
  const content = path === null ? text : readKeyFile(path);
  if (typeof content !== 'string') return content;
  return kind.type === 'secret' ? checkSecret(content, algorithm) : readPrivateKey(content, kind, algorithm);
}

/** The absolute path that `file:PATH` names; `null` for any other text. */
export function filePathOf(text: string, folder: string): string | null {
  return text.startsWith('file:') ? resolve(folder, text.slice('file:'.length).trim()) : null;
}

/** The content of a key file, without trailing white space. */
export function readKeyFile(path: string): string | Fault {
  try {
    return readFileSync(path, 'utf8').slice(0, MAX_FILE_LENGTH).replace(/\s+$/, '');
  } catch (error) {
    return { fault: `names the file ${path}, which cannot be read (${errorCode(error) || 'unknown'})` };
  }
}

/** Checks a secret of HS*. */
export function checkSecret(secret: string, algorithm: Algorithm): { secret: string } | Fault {
  const kind = keyKindOf(algorithm);
  const least = kind.type === 'secret' ? kind.bytes : 0;
  if (secret.includes(PEM)) return { fault: `is a PEM, but ${algorithm} uses plain text` };
  const bytes = Buffer.byteLength(secret);
  return bytes < least ? { fault: `is too short: ${bytes} bytes, but ${algorithm} requires at least ${least}` } : { secret };
}

function readPrivateKey(content: string, kind: KeyKind, algorithm: Algorithm): ReadKey {
  const pem = pemOf(content);
  if (pem === null) return { fault: 'is not a private key as PEM text, base64 of PEM text, or file:PATH' };
  const [, label = '', body = ''] = PRIVATE_BLOCK.exec(pem) ?? [];
  if (label === '') return { fault: whyNoPrivateKey(pem) };
  if (label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')) {
    return { fault: 'is encrypted with a passphrase; decrypt it first (`openssl pkey -in KEY.pem`)' };
  }
  const type = DER_TYPES.get(label);
  if (!type) return { fault: `is a "${label}", not PKCS#8, PKCS#1 or SEC1 (\`openssl pkey\` may convert it)` };
  try {
    const key = createPrivateKey({ key: Buffer.from(body.replace(/\s+/g, ''), 'base64'), format: 'der', type });
    const fault = whyUnsuitable(key, kind, algorithm);
    return fault === null ? { key } : { fault };
  } catch {
    // Not OpenSSL's message, which may quote parts of the key.
    return { fault: `is damaged: the content of "${label}" is not such a key` };
  }
}

/** The PEM text, decoded if necessary; `null` if there is none. */
function pemOf(content: string): string | null {
  const text = content.includes(PEM) ? content : Buffer.from(content, 'base64').toString('utf8');
  return text.includes(PEM) ? text.replace(/\\r|\\n|\r/g, '\n') : null;
}

function whyNoPrivateKey(pem: string): string {
  if (/-----BEGIN (?:[A-Z0-9]+ )*PUBLIC KEY-----/.test(pem)) return 'is a public key; signing requires the private key';
  if (/-----BEGIN (?:[A-Z0-9]+ )*CERTIFICATE-----/.test(pem)) return 'is a certificate; signing requires the private key';
  return 'holds no complete private key: its BEGIN and END lines do not match';
}

/** Why the key does not fit the algorithm; `null` if it does. */
function whyUnsuitable(key: KeyObject, kind: KeyKind, algorithm: Algorithm): string | null {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType ?? '';
  const found = type === 'ec' ? `an ec key on curve ${namedCurve}` : `an ${type} key`;
  const wanted = kind.type === 'ec' ? `an ec key on curve ${kind.curve}` : `an ${kind.type} key`;
  if (found !== wanted) return `is ${found}, but HEADLESS_JWT_ALGORITHM is ${algorithm}, which requires ${wanted}`;
  if (kind.type === 'rsa' && modulusLength < MIN_RSA_BITS) {
    return `is too weak: an RSA key of ${modulusLength} bits, but at least ${MIN_RSA_BITS} are required`;
  }
  return null;
}
