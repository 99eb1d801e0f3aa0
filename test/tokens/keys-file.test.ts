import assert from 'node:assert/strict';
import { chmodSync, chownSync, lstatSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { DAY } from '../store/databases.ts';
import { until } from '../support/until.ts';
import { leaksIn } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { PUBLICATION_DELAY } from '../../src/tokens/keys/key-schedule.ts';
import { decode, newKey } from './support/jwt.ts';
import { keyPlace, readKeys, type Place } from './support/key-places.ts';
import { publishedKids, rotate, states } from './support/keys.ts';
import { eventsOf } from './support/rows.ts';
import { signedUp } from './support/server.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Names beside the key file: a rotation leaves no draft. */
const beside = ({ path }: Place): string[] => readdirSync(dirname(path));

test('under traffic over several servers a rotation in their file refuses no token, from next to dropped', async (t) => {
  const place = await keyPlace(t, 'file');
  const [one, two, three] = await place.servers(3);
  assert.ok(one && two && three);
  const [all, { clock }] = [[one, two, three], place];
  const app = await signedUp(one);
  const old = decode(app.accessToken).header['kid'];
  const kept = (await signedUp(two)).refreshToken;
  const untouched = readKeys(place.path);

  const traffic = async (): Promise<void> => {
    for (const server of all) {
      const here = Object.assign(server.app(), { refreshToken: app.refreshToken });
      assert.equal((await here.refresh()).status, 200);
      app.refreshToken = here.refreshToken;
      app.accessToken = here.accessToken;
      for (const other of all) assert.equal((await other.me(app.accessToken)).status, 200);
    }
  };
  const kid = (): unknown => decode(app.accessToken).header['kid'];

  await traffic();
  assert.equal(readKeys(place.path), untouched, 'a file that nobody rotates stays as its owner made it');
  const rotation = await rotate(two);
  assert.ok(rotation.rotated);
  const next = rotation.key.kid;
  readKeys(place.path);
  assert.equal(modeOf(place.path), 0o600);
  assert.deepEqual([rotation.key.state, rotation.key.signsFrom], ['next', (rotation.key.createdAt ?? 0) + PUBLICATION_DELAY]);
  for (const server of all) await until(async () => (await publishedKids(server)).length === 2);
  await traffic();
  assert.equal(kid(), old, 'it is published, and does not sign yet');
  clock.advance(PUBLICATION_DELAY);
  await traffic();
  assert.equal(kid(), next, 'it signs');
  for (const server of all) assert.deepEqual(await states(server), [`signing ${next}`, `retired ${String(old)}`]);

  clock.advance(DAY - 2 * PUBLICATION_DELAY);
  await traffic();
  const late = Object.assign(three.app(), { refreshToken: kept });
  assert.equal((await late.refresh()).status, 200, 'the last refresh token of the old key');
  clock.advance(600 + 2 * PUBLICATION_DELAY);
  await traffic();
  for (const server of all) assert.deepEqual(await publishedKids(server), [next], 'the old one is dropped');
  clock.advance(DAY + 1);
  await until(() => (readKeys(place.path).match(/BEGIN PRIVATE KEY/g) ?? []).length === 1);
  const [event] = await eventsOf(one, 'key_rotated');
  assert.deepEqual(event?.details, { kid: next, algorithm: 'ES256', signs_from: rotation.key.signsFrom });
  assert.deepEqual(beside(place), ['key.pem']);
  for (const { log } of all) assert.deepEqual(leaksIn(log.join('')), []);
});

test('of rotations at once on several servers one wins, and the others name its key', async (t) => {
  const place = await keyPlace(t, 'file');
  const all = await place.servers(3);
  const results = await Promise.all([...all, ...all].map((server) => rotate(server)));
  const [won] = results.filter((each) => each.rotated);
  assert.equal(results.filter(({ rotated }) => rotated).length, 1);
  for (const result of results)
    if (!result.rotated) assert.match(result.instruction, new RegExp(`in progress: the key ${won?.key.kid ?? '?'}`));
  for (const server of all) await until(async () => (await publishedKids(server)).length === 2);
  assert.equal((readKeys(place.path).match(/BEGIN PRIVATE KEY/g) ?? []).length, 2);
  assert.equal((await eventsOf(all[0] ?? assert.fail(), 'key_rotated')).length, 1);
  assert.deepEqual(beside(place), ['key.pem']);
});

test('at once, a new key signs here and is learnt elsewhere from the first token that names it; restarts find it', async (t) => {
  const place = await keyPlace(t, 'file');
  const [one, two] = await place.servers(2);
  assert.ok(one && two);
  const app = await signedUp(one);
  const waits = await rotate(one);
  const hastened = await rotate(two, { immediately: true });
  assert.ok(waits.rotated && hastened.rotated);
  assert.deepEqual([hastened.key.kid, hastened.key.state], [waits.key.kid, 'signing']);
  const there = Object.assign(two.app(), { refreshToken: app.refreshToken });
  assert.equal((await there.refresh()).status, 200);
  assert.equal(decode(there.accessToken).header['kid'], waits.key.kid);
  assert.equal((await one.me(there.accessToken)).status, 200, 'before its background read');
  const third = await place.open();
  assert.deepEqual(await states(third), await states(two));
  const moved = Object.assign(third.app(), { refreshToken: there.refreshToken });
  assert.equal((await moved.refresh()).status, 200);
});

test('tokens that lived longer by former settings are good until they expire', async (t) => {
  const place = await keyPlace(t, 'file');
  const long = await place.open({ HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 10 * DAY });
  const app = await signedUp(long);
  await long.close();
  const short = await place.open();
  assert.ok((await rotate(short, { immediately: true })).rotated);
  readKeys(place.path);
  place.clock.advance(9 * DAY);
  const moved = Object.assign(short.app(), { refreshToken: app.refreshToken });
  assert.equal((await moved.refresh()).status, 200);
  place.clock.advance(2 * DAY);
  assert.equal((await publishedKids(short)).length, 1);
});

test('the first of a list of files is rotated, and all that the files hold verifies', async (t) => {
  const place = await keyPlace(t, 'file');
  const former = await place.open();
  const app = await signedUp(former);
  await former.close();
  const second = join(dirname(place.path), 'second.pem');
  writeFileSync(second, `${await newKey('ES256')}${readKeys(place.path)}`, { mode: 0o600 });
  writeFileSync(place.path, `${await newKey('ES256')}${await newKey('ES256')}`);
  const server = await place.open({ HEADLESS_JWT_PRIVATE_KEY: [`file:${place.path}`, `file:${second}`] });
  assert.equal((await publishedKids(server)).length, 4);
  assert.equal((await server.me(app.accessToken)).status, 200);
  const rotated = await rotate(server, { immediately: true });
  assert.ok(rotated.rotated);
  readKeys(place.path);
  assert.equal((await publishedKids(server))[0], rotated.key.kid);
  assert.equal((await publishedKids(server)).length, 5);
  assert.equal((await server.me(app.accessToken)).status, 200);
});

test('secrets of HS* in a file, and the development key, are rotated too', async (t) => {
  const place = await keyPlace(t, 'file', 'HS256');
  const [one, two] = await place.servers(2);
  assert.ok(one && two);
  const app = await signedUp(one);
  const before = app.accessToken;
  assert.ok((await rotate(one, { immediately: true })).rotated);
  readKeys(place.path);
  assert.equal((await app.refresh()).status, 200);
  for (const token of [before, app.accessToken]) assert.equal((await two.me(token)).status, 200);
  assert.deepEqual(await publishedKids(one), []);

  const folder = dirname(place.path);
  const { DATABASE = '' } = place.settings;
  const development = await testServer(t, { DATABASE, HEADLESS_JWT_ALGORITHM: 'EdDSA' }, { folder });
  const user = await signedUp(development);
  assert.ok((await rotate(development, { immediately: true })).rotated);
  await development.close();
  const again = await testServer(t, { DATABASE, HEADLESS_JWT_ALGORITHM: 'EdDSA' }, { folder });
  assert.equal((await publishedKids(again)).length, 2);
  const moved = Object.assign(again.app(), { refreshToken: user.refreshToken });
  assert.equal((await moved.refresh()).status, 200);
});

test('a link to the file goes on leading to it, and the group may read it as before', async (t) => {
  const place = await keyPlace(t, 'file');
  const real = join(dirname(place.path), 'real.pem');
  renameSync(place.path, real);
  symlinkSync(real, place.path);
  chmodSync(real, 0o644);
  const server = await place.open();
  assert.ok((await rotate(server)).rotated);
  assert.ok(lstatSync(place.path).isSymbolicLink());
  assert.equal(modeOf(real), 0o640);
  readKeys(place.path);
});

const notRoot = process.geteuid?.() === 0 ? false : 'only root may give a file to somebody else';

test('root, who rotates the keys of a server that runs as somebody else, leaves that one its file', { skip: notRoot }, async (t) => {
  const place = await keyPlace(t, 'file');
  const [owner, group] = [65_534, 65_533];
  chownSync(place.path, owner, group);
  assert.ok((await rotate(await place.open())).rotated);
  const { uid, gid } = statSync(place.path);
  assert.deepEqual([uid, gid], [owner, group]);
  readKeys(place.path);
});
