import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Algorithm } from '../../src/contracts/algorithms.ts';
import { readKey, type ReadKey } from '../../src/tokens/keys/read-key.ts';
import { leaksIn } from '../support/secrets.ts';
import { keyFor } from './support/jwt.ts';

const folder = mkdtempSync(join(tmpdir(), 'allauth-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const RSA = await keyFor('RS256');
const EC = await keyFor('ES256');
const ED = await keyFor('EdDSA');

const pem = (text: string, type: 'pkcs1' | 'sec1' | 'pkcs8'): string => createPrivateKey(text).export({ type, format: 'pem' }).toString();
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const read = (text: string, algorithm: Algorithm = 'RS256'): ReadKey => readKey(text, algorithm, folder);

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return `file:${name}`;
}

function fault(text: string, algorithm: Algorithm = 'RS256'): string {
  const found = read(text, algorithm);
  assert.ok('fault' in found, 'this key must be refused');
  assert.deepEqual(leaksIn(found.fault), [], 'a message never quotes a key');
  return found.fault;
}

/** The forms in which people have a PEM, by what they are called. */
function forms(text: string): Record<string, string> {
  return {
    'as it is': text,
    'without the last line end': text.trim(),
    'with blanks around': `\n  ${text}  \n`,
    'with CRLF': text.replaceAll('\n', '\r\n'),
    'with literal \\n': text.replaceAll('\n', '\\n'),
    'with literal \\r\\n': text.replaceAll('\n', '\\r\\n'),
    'with blanks in the place of line ends': text.trim().replaceAll('\n', ' '),
    'in quotes': JSON.stringify(text),
    'in base64': base64(text),
    'in base64 with line ends': base64(text).replace(/.{76}/g, '$&\n'),
    'in base64url': Buffer.from(text).toString('base64url'),
    'in base64, with literal \\n inside': base64(text.replaceAll('\n', '\\n')),
    'behind some text': `Bag Attributes\n    friendlyName: key\n${text}`,
    'in a file': file('key.pem', text),
    'in a file, behind a blank': file('key.pem', text).replace(':', ': '),
    'in a file, by its absolute path': file('key.pem', text).replace(':', `:${folder}/`),
    'in a file, in base64': file('key.b64', base64(text)),
  };
}

function assertReads(text: string, algorithm: Algorithm, forms: Record<string, string>): void {
  const wanted = createPrivateKey(text);
  for (const [what, form] of Object.entries(forms)) {
    const found = read(form, algorithm);
    assert.ok('key' in found, `${algorithm} ${what}: ${JSON.stringify(found)}`);
    assert.ok(found.key.equals(wanted), `${algorithm} ${what}`);
  }
}

test('PKCS#8, in every form that people have', () => {
  assertReads(RSA, 'RS256', forms(RSA));
  assertReads(RSA, 'PS512', forms(RSA));
  assertReads(EC, 'ES256', forms(EC));
  assertReads(ED, 'EdDSA', forms(ED));
});

test('PKCS#1 and SEC1, in every form that people have', () => {
  assertReads(RSA, 'RS256', forms(pem(RSA, 'pkcs1')));
  assertReads(EC, 'ES256', forms(pem(EC, 'sec1')));
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  assertReads(EC, 'ES256', { 'as openssl ecparam writes it': parameters + pem(EC, 'sec1') });
});

test('secrets of HS* are plain text of enough bytes, or stand in a file', () => {
  const long = 'ä'.repeat(16); // 32 bytes
  assert.deepEqual(read(long, 'HS256'), { secret: long });
  assert.deepEqual(read(file('secret.txt', `${'s'.repeat(64)}\n`), 'HS512'), { secret: 's'.repeat(64) });
  assert.match(fault('s'.repeat(31), 'HS256'), /too short: 31 bytes, .*at least 32/);
  assert.match(fault('s'.repeat(47), 'HS384'), /at least 48/);
  assert.match(fault('s'.repeat(63), 'HS512'), /at least 64/);
  assert.match(fault(RSA, 'HS256'), /PEM/);
  assert.match(fault(createPublicKey(RSA).export({ type: 'spki', format: 'pem' }).toString(), 'HS256'), /PEM/, 'a public key least of all');
});

test('a key that is no use says what it is', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.match(fault(weak), /too weak: an RSA key of 1024 bits, but at least 2048/);
  assert.match(fault(EC), /is an ec key.*RS256.*requires an rsa key/);
  assert.match(fault(RSA, 'ES256'), /is an rsa key.*ES256.*requires an ec key on curve prime256v1/);
  assert.match(fault(p384, 'ES256'), /curve secp384r1.*curve prime256v1/);
  assert.match(fault(ED, 'ES256'), /is an ed25519 key/);
  assert.match(fault(EC, 'EdDSA'), /requires an ed25519 key/);
});

test('what is no private key says what it is instead', () => {
  const key = createPrivateKey(RSA);
  const passphrase = 'not-so-secret';
  const modern = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
  const old = key.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
  for (const encrypted of [modern, old, base64(modern), file('encrypted.pem', old)])
    assert.match(fault(encrypted), /passphrase.*openssl pkey/);

  const publicKey = createPublicKey(RSA);
  assert.match(fault(publicKey.export({ type: 'spki', format: 'pem' }).toString()), /is a public key/);
  assert.match(fault(publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()), /is a public key/);
  assert.match(fault('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'), /is a certificate/);
  assert.match(fault('-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----'), /OPENSSH PRIVATE KEY/);
});

test('damaged, cut, empty and missing', () => {
  const lines = RSA.trim().split('\n');
  const without = (from: number, count: number): string => lines.filter((_, index) => index < from || index >= from + count).join('\n');
  assert.match(fault(without(3, 1)), /is damaged/);
  assert.match(fault(without(lines.length - 1, 1)), /no complete private key/);
  assert.match(fault(without(1, lines.length - 2)), /is damaged/);
  assert.match(fault(lines.join('\n').replace('BEGIN PRIVATE', 'BEGIN RSA PRIVATE')), /no complete private key/);
  assert.match(fault(RSA.replaceAll('PRIVATE KEY', 'EC PRIVATE KEY')), /"EC PRIVATE KEY"|is an rsa key/);
  for (const text of [
    '',
    ' ',
    'garbage',
    'x'.repeat(100_000),
    '{"kty":"RSA"}',
    file('empty.pem', ''),
    file('zeros.pem', '\0'.repeat(500)),
  ]) {
    assert.match(fault(text), /not a private key as PEM text, base64 of PEM text, or file:PATH/);
  }
  assert.match(fault('file:missing.pem'), new RegExp(`the file ${join(folder, 'missing.pem')}, which cannot be read \\(ENOENT\\)`));
  assert.match(fault('file:'), /cannot be read \(EISDIR\)/);
});

test('for what the algorithm needs, a key is not searched beyond the first whole one', () => {
  const found = read(`${EC}${RSA}`, 'ES256');
  assert.ok('key' in found && found.key.equals(createPrivateKey(EC)));
});
