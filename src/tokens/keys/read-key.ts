import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode } from '../../log/error-code.ts';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyKindOf, LEAST_RSA_BITS, type KeyKind } from './key-kinds.ts';

/** What is wrong with a key, as the end of a sentence that begins with where the key stands. Never quotes the key. */
export interface Fault {
  fault: string;
}

/** A private key is `key`, a secret of HS* is `secret`. */
export type ReadKey = { key: KeyObject } | { secret: string } | Fault;

/** PEM blocks with a private key, by their label, in the words of node:crypto (RFC 7468 section 10, RFC 8017 A.1.2, RFC 5915). */
const DER_TYPES = new Map<string, 'pkcs8' | 'pkcs1' | 'sec1'>([
  ['PRIVATE KEY', 'pkcs8'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
]);

const PRIVATE_BLOCK = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

const PEM = '-----BEGIN ';

/** A file with keys is small; a larger one is something else, named by mistake. Characters. */
const LONGEST_FILE = 262_144;

/**
 * Reads a key as people have them: PEM text (also with literal `\n`, or blanks in the place of line ends), base64 of it, or `file:PATH`
 * from `folder`; for HS* plain text or `file:PATH`. Checks that it suits the algorithm.
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

/** The text of a file with keys, without what is blank at its end. */
export function readKeyFile(path: string): string | Fault {
  try {
    return readFileSync(path, 'utf8').slice(0, LONGEST_FILE).replace(/\s+$/, '');
  } catch (error) {
    return { fault: `names the file ${path}, which cannot be read (${errorCode(error) || 'unknown'})` };
  }
}

/** A secret of HS*, given as it is. */
export function checkSecret(secret: string, algorithm: Algorithm): { secret: string } | Fault {
  const kind = keyKindOf(algorithm);
  const least = kind.type === 'secret' ? kind.bytes : 0;
  if (secret.includes(PEM)) return { fault: `is in PEM form, but ${algorithm} is keyed with plain text` };
  const bytes = Buffer.byteLength(secret);
  return bytes < least ? { fault: `is too short: ${bytes} bytes, and ${algorithm} needs at least ${least}` } : { secret };
}

function readPrivateKey(content: string, kind: KeyKind, algorithm: Algorithm): ReadKey {
  const pem = pemOf(content);
  if (pem === null) return { fault: 'is none of: a private key as PEM text, base64 of PEM text, file:PATH' };
  const [, label = '', body = ''] = PRIVATE_BLOCK.exec(pem) ?? [];
  if (label === '') return { fault: whyNoPrivateKey(pem) };
  if (label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')) {
    return { fault: 'is encrypted with a passphrase; it has to be given without (`openssl pkey -in KEY.pem` decrypts it)' };
  }
  const type = DER_TYPES.get(label);
  if (!type) return { fault: `is a "${label}", which is none of PKCS#8, PKCS#1, SEC1 (\`openssl pkey\` may convert it)` };
  try {
    const key = createPrivateKey({ key: Buffer.from(body.replace(/\s+/g, ''), 'base64'), format: 'der', type });
    const fault = whyUnsuitable(key, kind, algorithm);
    return fault === null ? { key } : { fault };
  } catch {
    // What OpenSSL says of it may quote parts of it.
    return { fault: `is damaged: what stands in its "${label}" is no such key` };
  }
}

/** The PEM text in any of its disguises; `null` where there is none. */
function pemOf(content: string): string | null {
  const text = content.includes(PEM) ? content : Buffer.from(content, 'base64').toString('utf8');
  return text.includes(PEM) ? text.replace(/\\r|\\n|\r/g, '\n') : null;
}

function whyNoPrivateKey(pem: string): string {
  if (/-----BEGIN (?:[A-Z0-9]+ )*PUBLIC KEY-----/.test(pem)) return 'is a public key; signing needs the private one';
  if (/-----BEGIN (?:[A-Z0-9]+ )*CERTIFICATE-----/.test(pem)) return 'is a certificate; signing needs the private key';
  return 'holds no whole private key: its BEGIN and END lines do not match';
}

/** Why the key is not for the algorithm; `null` where it is. */
function whyUnsuitable(key: KeyObject, kind: KeyKind, algorithm: Algorithm): string | null {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType ?? '';
  const found = type === 'ec' ? `an ec key on curve ${namedCurve}` : `an ${type} key`;
  const wanted = kind.type === 'ec' ? `an ec key on curve ${kind.curve}` : `an ${kind.type} key`;
  if (found !== wanted) return `is ${found}, but HEADLESS_JWT_ALGORITHM is ${algorithm}, which needs ${wanted}`;
  if (kind.type === 'rsa' && modulusLength < LEAST_RSA_BITS) {
    return `is too weak: an RSA key of ${modulusLength} bits, and at least ${LEAST_RSA_BITS} are needed`;
  }
  return null;
}
