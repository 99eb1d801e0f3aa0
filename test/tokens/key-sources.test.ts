import assert from 'node:assert/strict';
import { chmodSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Algorithm } from '../../src/contracts/algorithms.ts';
import type { Kit } from '../../src/kit/kit.ts';
import { createLogger } from '../../src/log/log.ts';
import {
  areKeysInDatabase,
  configuredKeyFile,
  KeysUnusable,
  loadConfiguredRing,
  loadVerifyOnlyKeys,
} from '../../src/tokens/keys/configured-keys.ts';
import { generateKey } from '../../src/tokens/keys/generate-key.ts';
import { keyKindOf } from '../../src/tokens/keys/key-kinds.ts';
import { createKeyPoll } from '../../src/tokens/keys/key-poll.ts';
import { importKey, ringOf } from '../../src/tokens/keys/key-ring.ts';
import { checkSecret, readKey, readKeyFile } from '../../src/tokens/keys/read-key.ts';
import { replaceFile, whyNotReplaceable } from '../../src/tokens/keys/replace-file.ts';
import { secretKey } from '../support/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'allauth-key-sources-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const [A = '', B = ''] = await Promise.all(['', ''].map(async () => (await generateKey('EdDSA')).pem));
for (const pem of [A, B]) secretKey(pem);
writeFileSync(join(folder, 'one.pem'), A);
writeFileSync(join(folder, 'both.pem'), `${A}${B}`);

/** What the sources of keys need of a kit. */
function kitWith(settings: Partial<Kit['settings']>, production = false): Kit {
  const given = { HEADLESS_JWT_ALGORITHM: 'EdDSA', HEADLESS_JWT_PRIVATE_KEY: '', SECRET_KEY: null, SECRET_KEY_FALLBACKS: [], ...settings };
  return { settings: given, folder, production } as unknown as Kit; // nothing else is looked at
}

/** How many keys the ring has, or what is wrong with them. */
async function ring(settings: Partial<Kit['settings']>, production = false): Promise<number | string | null> {
  return loadConfiguredRing(kitWith(settings, production)).then(
    (found) => found && found.verifying.length,
    (error: unknown) => (error instanceof KeysUnusable ? error.message : String(error)),
  );
}

test('the keys that the settings name', async () => {
  const run = '. To generate a key, run `allauth keys generate --algorithm EdDSA`.';
  for (const [given, expected] of [
    ['', null],
    [' ', null],
    [[], null],
    [[''], null],
    [A, 1],
    [[A], 1],
    [[A, B], 2],
    [[A, A], 1],
    ['file:one.pem', 1],
    ['file:both.pem', 2],
    [['file:both.pem', A], 2],
    [['', A], `HEADLESS_JWT_PRIVATE_KEY[0] is empty${run}`],
    [[A, ' '], `HEADLESS_JWT_PRIVATE_KEY[1] is empty${run}`],
    [[A, ' database'], `HEADLESS_JWT_PRIVATE_KEY[1] is "database", which is only allowed as the first entry${run}`],
    ['x', `HEADLESS_JWT_PRIVATE_KEY is not a private key as PEM text, base64 of PEM text, or file:PATH${run}`],
    [
      ['x', ''],
      `HEADLESS_JWT_PRIVATE_KEY[0] is not a private key as PEM text, base64 of PEM text, or file:PATH${run}\nHEADLESS_JWT_PRIVATE_KEY[1] is empty${run}`,
    ],
    ['file:none.pem', `HEADLESS_JWT_PRIVATE_KEY names the file ${join(folder, 'none.pem')}, which cannot be read (ENOENT)${run}`],
  ] as const)
    assert.equal(await ring({ HEADLESS_JWT_PRIVATE_KEY: given as string }), expected, JSON.stringify(given).slice(0, 40));
  assert.equal(await ring({}, true), `HEADLESS_JWT_PRIVATE_KEY is not set; production requires a signing key${run}`);
  assert.deepEqual(new KeysUnusable(['a', 'b']).problems, ['a', 'b']);
  assert.equal(new KeysUnusable([]).name, 'KeysUnusable');
});

test('HS* without a key signs with SECRET_KEY, and verifies with the fallbacks that are long enough', async () => {
  const HS: Partial<Kit['settings']> = { HEADLESS_JWT_ALGORITHM: 'HS256' };
  const [long, short] = ['s'.repeat(32), 's'.repeat(31)];
  assert.equal(await ring(HS), null);
  assert.equal(await ring({ ...HS, SECRET_KEY: long }), 1);
  assert.equal(await ring({ ...HS, SECRET_KEY: long, SECRET_KEY_FALLBACKS: [short, 'o'.repeat(32)] }), 2);
  assert.match(String(await ring({ ...HS, SECRET_KEY: short })), /^SECRET_KEY, .* is too short: 31 bytes, but HS256 requires at least 32/);
  assert.equal(await ring({ ...HS, SECRET_KEY: long, HEADLESS_JWT_PRIVATE_KEY: 'p'.repeat(32) }), 1);
  assert.equal(await ring({ SECRET_KEY: long }), null, 'other algorithms do not');
});

test('where the keys are kept, and what only verifies', async () => {
  const kit = (given: unknown): Kit => kitWith({ HEADLESS_JWT_PRIVATE_KEY: given as string });
  for (const [given, inDatabase, file] of [
    ['', false, null],
    ['database', true, null],
    [' database ', true, null],
    [['database', A], true, null],
    [[A, 'database'], false, null],
    ['file:one.pem', false, { path: join(folder, 'one.pem'), name: 'HEADLESS_JWT_PRIVATE_KEY' }],
    [['file:one.pem', A], false, { path: join(folder, 'one.pem'), name: 'HEADLESS_JWT_PRIVATE_KEY[0]' }],
    [[A, 'file:one.pem'], false, null],
  ] as const) {
    assert.equal(areKeysInDatabase(kit(given)), inDatabase);
    assert.deepEqual(configuredKeyFile(kit(given)), file);
  }
  assert.equal((await loadVerifyOnlyKeys(kit(['database', A, 'file:both.pem']))).length, 3);
  assert.deepEqual(await loadVerifyOnlyKeys(kit('database')), []);
  await assert.rejects(loadVerifyOnlyKeys(kit(['database', 'x'])), {
    name: 'KeysUnusable',
    message: /^HEADLESS_JWT_PRIVATE_KEY\[1\] is not/,
  });
});

test('the ring: the first key signs, a key that is there twice counts once', async () => {
  const importOf = async (text: string, algorithm: Algorithm = 'EdDSA') => {
    const read = readKey(text, algorithm, folder);
    assert.ok(!('fault' in read));
    return importKey(read, algorithm);
  };
  const [a, b] = [await importOf(A), await importOf(B)];
  const { signing, verifying, publicKeys } = ringOf('EdDSA', [a, b, a]);
  assert.equal(signing, a.signing);
  assert.deepEqual(
    verifying.map(({ kid, algorithm }) => [kid, algorithm]),
    [a, b].map(({ signing: { kid } }) => [kid, 'EdDSA']),
  );
  assert.deepEqual(publicKeys, [a.publicKey, b.publicKey]);
  assert.throws(() => ringOf('EdDSA', []), Error);
  const secrets = [await importOf('s'.repeat(32), 'HS256'), await importOf('o'.repeat(32), 'HS256')];
  const hmac = ringOf('HS256', secrets);
  assert.deepEqual([hmac.verifying.length, hmac.publicKeys], [2, []], 'secrets have no kid, and are not published');
  await assert.rejects(crypto.subtle.exportKey('pkcs8', a.signing.key), 'the private half stays where it is');
  await assert.rejects(crypto.subtle.exportKey('raw', hmac.signing.key));
});

test('what each algorithm signs with', async () => {
  for (const [algorithm, bytes] of [
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const) {
    assert.ok('secret' in checkSecret('s'.repeat(bytes), algorithm));
    assert.ok('fault' in checkSecret('s'.repeat(bytes - 1), algorithm));
    const { pem, kid } = await generateKey(algorithm);
    assert.ok('secret' in checkSecret(pem, algorithm));
    assert.equal(kid, null);
  }
  assert.deepEqual(checkSecret(A, 'HS256'), { fault: 'is a PEM, but HS256 uses plain text' });
  for (const algorithm of ['ES256', 'ES384', 'ES512', 'EdDSA'] as const) {
    const { pem, kid } = await generateKey(algorithm);
    secretKey(pem);
    assert.ok('key' in readKey(pem, algorithm, folder), algorithm);
    assert.equal(kid?.length, 43);
    assert.ok(keyKindOf(algorithm).type !== 'secret');
    const other = algorithm === 'ES256' ? 'ES384' : 'ES256';
    assert.match(JSON.stringify(readKey(pem, other, folder)), /HEADLESS_JWT_ALGORITHM is/);
  }
});

test('a key file is read up to its greatest length, without what is blank at its end', () => {
  const path = join(folder, 'long.txt');
  writeFileSync(path, `${'x'.repeat(262_143)}yz`);
  assert.equal(readKeyFile(path), `${'x'.repeat(262_143)}y`);
  writeFileSync(path, ' x \n\n');
  assert.equal(readKeyFile(path), ' x');
  assert.deepEqual(readKeyFile(folder), { fault: `names the file ${folder}, which cannot be read (EISDIR)` });
});

test('a file is replaced whole: its link, owner and group stay, others cannot read it', async () => {
  const [path, link] = [join(folder, 'replaced.pem'), join(folder, 'link.pem')];
  writeFileSync(path, 'old');
  symlinkSync(path, link);
  for (const [mode, expected] of [
    [0o644, 0o640],
    [0o600, 0o600],
    [0o777, 0o640],
    [0o660, 0o640],
  ] as const) {
    chmodSync(path, mode);
    const before = statSync(path);
    writeFileSync(`${path}.new`, 'left by a process that died');
    await replaceFile(link, `new ${mode}`);
    const now = statSync(path);
    assert.equal(readFileSync(link, 'utf8'), `new ${mode}`);
    assert.equal(now.mode & 0o777, expected);
    assert.deepEqual([now.uid, now.gid], [before.uid, before.gid]);
    assert.notEqual(now.ino, before.ino, 'another file, in its place');
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.new')),
    [],
  );
  const hard = join(folder, 'hard.pem');
  linkSync(path, hard);
  await replaceFile(path, 'newest');
  assert.equal(readFileSync(hard, 'utf8'), `new ${0o660}`, 'the old text is never written over');
  await assert.rejects(replaceFile(join(folder, 'none.pem'), 'x'), { code: 'ENOENT' });
});

test('why a file cannot be replaced', async () => {
  const path = join(folder, 'kept.pem');
  writeFileSync(path, 'x');
  for (const [mode, why] of [
    [0o600, null],
    [0o222, null],
    [0o620, null],
    [0o444, 'is read-only'],
    [0o400, 'is read-only'],
  ] as const) {
    chmodSync(path, mode);
    assert.equal(await whyNotReplaceable(path), why, mode.toString(8));
  }
  assert.equal(await whyNotReplaceable(folder), 'is not a regular file');
  assert.equal(await whyNotReplaceable(join(folder, 'none.pem')), 'cannot be written here (ENOENT)');
});

/** Lets all that can go on without a timer do so. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('keys are read every two seconds, by one read at a time, at least half a second apart', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const state = { now: 0, reads: 0, fails: false };
  t.mock.method(performance, 'now', () => state.now);
  const messages: string[] = [];
  const log = createLogger(
    { LOG_LEVEL: 'info' },
    { write: (line: string) => void messages.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const read = async (): Promise<void> => {
    state.reads += 1;
    if (state.fails) throw new Error('away');
  };
  const poll = createKeyPoll(read, log);
  const elapse = async (milliseconds: number): Promise<number> => {
    state.now += milliseconds;
    t.mock.timers.tick(milliseconds);
    await settle();
    return state.reads;
  };
  await Promise.all([poll.next(), poll.next()]);
  assert.equal(state.reads, 1, 'at once, for both');
  const second = [poll.next(), poll.next()];
  assert.equal(await elapse(499), 1);
  assert.equal(await elapse(1), 2);
  await Promise.all(second);
  await elapse(500);
  await poll.next();
  assert.equal(state.reads, 3, 'half a second is over');

  poll.start();
  assert.equal(await elapse(1999), 3);
  assert.equal(await elapse(1), 4);
  state.fails = true;
  assert.equal(await elapse(2000), 5);
  assert.equal(await elapse(2000), 6);
  assert.deepEqual(messages, ['the signing keys cannot be read; the known ones stay in use'], 'once');
  state.fails = false;
  assert.equal(await elapse(2000), 7);
  assert.equal(await elapse(2000), 8);
  assert.deepEqual(messages.slice(1), ['the signing keys can be read again']);
  state.fails = true;
  await elapse(2000);
  assert.equal(messages.length, 3, 'the next failure is told again');
  await elapse(500);
  await assert.rejects(poll.next(), { message: 'away' });

  const { reads } = state;
  const waiting = poll.next().catch(() => undefined);
  const stopped = poll.stop();
  await elapse(500);
  await Promise.all([waiting, stopped]);
  assert.equal(await elapse(60_000), reads, 'nothing is read any more');
  poll.start();
  assert.equal(await elapse(60_000), reads);
});
