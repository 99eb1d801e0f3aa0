import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fallibleDatabase } from '../server/databases.ts';
import { until } from '../support/until.ts';
import { defer } from '../support/cleanup.ts';
import { programOf } from '../support/program.ts';
import { leaksIn } from '../support/secrets.ts';
import { parseKeyFile } from '../../src/tokens/keys/key-file-format.ts';
import { keyPlace, readKeys, type Place } from './support/key-places.ts';
import { rotate } from './support/keys.ts';
import { eventsOf } from './support/rows.ts';
import { signedUp, tokenServer } from './support/server.ts';

/** Names beside the key file: a rotation leaves no draft. */
const beside = ({ path }: Place): string[] => readdirSync(dirname(path));

test('a process that dies between writing and renaming leaves the keys as they were, and the next rotation clears up', async (t) => {
  const place = await keyPlace(t, 'file');
  const [first] = await place.servers(1);
  assert.ok(first);
  const app = await signedUp(first);
  writeFileSync(`${place.path}.new`, `# allauth-kit {"generation":2\n-----BEGIN PRIVATE KEY-----\nMIGH`, { mode: 0o600 });
  await first.close();
  const second = await place.open();
  assert.equal((await second.me(app.accessToken)).status, 200);
  assert.ok((await rotate(second, { immediately: true })).rotated);
  assert.deepEqual(beside(place), ['key.pem']);
  readKeys(place.path);
  const third = await place.open();
  assert.equal((await third.me(app.accessToken)).status, 200);
});

test('a process that is killed while it rotates leaves a whole file, in which the key of tokens that are out still verifies', async (t) => {
  const place = await keyPlace(t, 'file');
  const server = await place.open();
  const app = await signedUp(server);
  for (let round = 0; round < 4; round++) {
    const env = { ...process.env, CHILD_SETTINGS: JSON.stringify(place.settings) };
    const child = spawn(process.execPath, programOf('test/tokens/support/rotating-child.ts'), { env });
    const ended = once(child, 'close');
    defer(t, () => child.kill('SIGKILL'));
    let [said, complaint] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    // Killed once the draft of a further rotation is seen: between writing and renaming, or just behind.
    await until(() => said.includes('rotated\n') || child.exitCode !== null);
    assert.equal(child.exitCode, null, complaint);
    await until(() => existsSync(`${place.path}.new`) || said.length > 200);
    child.kill('SIGKILL');
    await ended;
    const entries = parseKeyFile(readKeys(place.path), 'ES256');
    assert.ok(!('fault' in entries) && entries.length > 1);
    const again = await place.open();
    assert.equal((await again.me(app.accessToken)).status, 200);
    await again.close();
  }
  assert.ok((await rotate(server, { immediately: true })).rotated, 'whoever dies lets go of the lock');
  assert.deepEqual(beside(place), ['key.pem']);
  readKeys(place.path);
  assert.equal((await app.refresh()).status, 200);
});

test('a file that the server may not write is not rotated: it says why, and what to do', async (t) => {
  const place = await keyPlace(t, 'file');
  const [server] = await place.servers(1);
  assert.ok(server);
  const before = readKeys(place.path);
  chmodSync(place.path, 0o400);
  const result = await rotate(server);
  assert.ok(!result.rotated);
  assert.ok(result.instruction.startsWith(`The key file ${place.path} is read-only. Generate a key with`), result.instruction);
  assert.equal(readKeys(place.path), before);
  assert.equal((await eventsOf(server, 'key_rotated')).length, 0);
});

test('a file that goes, or is damaged, under a running server takes no key from it; nothing is made of it', async (t) => {
  const place = await keyPlace(t, 'file');
  const [server] = await place.servers(1);
  assert.ok(server);
  const app = await signedUp(server);
  const whole = readKeys(place.path);
  const logged = (pattern: RegExp): boolean => pattern.test(server.log.join(''));
  writeFileSync(place.path, whole.slice(0, 100));
  await until(() => logged(/holds no complete private key/));
  const damaged = await rotate(server);
  assert.ok(!damaged.rotated && /holds no complete private key/.test(damaged.instruction));
  assert.equal((await server.me(app.accessToken)).status, 200);
  renameSync(place.path, `${place.path}.away`);
  await until(() => logged(/names the file .* cannot be read \(ENOENT\)/));
  const refused = await rotate(server);
  assert.ok(!refused.rotated && /cannot be written here \(ENOENT\)/.test(refused.instruction));
  assert.equal((await app.refresh()).status, 200);
  writeFileSync(place.path, whole, { mode: 0o600 });
  await until(async () => (await rotate(server, { immediately: true })).rotated);
  assert.equal((await server.me(app.accessToken)).status, 200);
  readKeys(place.path);
  assert.deepEqual(leaksIn(server.log.join('')), []);
});

test('notes that are none stop the start with a sentence', async (t) => {
  const place = await keyPlace(t, 'file');
  const pem = readKeys(place.path);
  for (const note of [
    '{"generation":0}',
    '{"generation":1,"created_at":null,"signs_from":"soon","longest_life":1}',
    '{',
    '{"__proto__":1}',
  ]) {
    writeFileSync(place.path, `# allauth-kit ${note}\n${pem}`);
    await assert.rejects(
      place.open(),
      /^KeysUnusable: HEADLESS_JWT_PRIVATE_KEY holds a line "# allauth-kit …" that this version cannot read/,
    );
  }
});

test('while the database is away a rotation fails and the file stays as it was', async (t: TestContext) => {
  const place = await keyPlace(t, 'file');
  const { DATABASE, takeAway, bringBack } = await fallibleDatabase(t);
  const server = await tokenServer(t, { ...place.settings, DATABASE }, { clock: place.clock });
  const before = readKeys(place.path);
  await takeAway();
  await assert.rejects(rotate(server, { immediately: true }));
  assert.equal(readFileSync(place.path, 'utf8'), before);
  assert.ok(!existsSync(`${place.path}.new`));
  await bringBack();
  await until(async () => (await rotate(server, { immediately: true }).catch(() => null))?.rotated === true);
  readKeys(place.path);
});
