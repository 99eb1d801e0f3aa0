import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { DAY } from '../store/databases.ts';
import { fallibleDatabase } from '../server/databases.ts';
import { until } from '../support/until.ts';
import { testDatabase } from '../support/database.ts';
import { leaksIn, secret } from '../support/secrets.ts';
import { Clock, testServer } from '../support/server.ts';
import { deleteSigningKey, listSigningKeys } from '../../src/store/signing-keys.ts';
import { statement, textOf } from '../../src/store/engine/statements.ts';
import { PUBLICATION_DELAY } from '../../src/tokens/keys/key-schedule.ts';
import { decode } from './support/jwt.ts';
import { publishedKids, rotate, states } from './support/keys.ts';
import { eventsOf } from './support/rows.ts';
import { signedUp, tokenServer, type TokenServer } from './support/server.ts';

const SECRET_KEY = 'first-secret-key-of-at-least-32-characters';
secret(SECRET_KEY);

const IN_DATABASE: Config = { HEADLESS_JWT_PRIVATE_KEY: 'database', HEADLESS_JWT_ALGORITHM: 'ES256', SECRET_KEY };

/** So long lives the longest token of these tests, and so long do servers that are late go on signing. */
const OLD_KEY_LIFE = DAY + 600;

const ROWS = statement('test_signing_keys', 'SELECT id, private_key FROM signing_keys');
const EMPTY = statement('test_signing_keys_delete', 'DELETE FROM signing_keys');

async function servers(t: TestContext, count: number, settings: Config = {}): Promise<TokenServer[]> {
  const DATABASE = await testDatabase(t);
  const clock = new Clock();
  const opened: TokenServer[] = [];
  for (let index = 0; index < count; index++) opened.push(await tokenServer(t, { ...IN_DATABASE, DATABASE, ...settings }, { clock }));
  return opened;
}

test('the first start makes a key, encrypted, that later starts find', async (t) => {
  const [server] = await servers(t, 1);
  assert.ok(server);
  const app = await signedUp(server);
  assert.equal((await server.me(app.accessToken)).status, 200);
  const { kid } = decode(app.accessToken).header;
  assert.deepEqual(await publishedKids(server), [kid]);
  const [row = {}] = await server.kit.db.all(ROWS, []);
  assert.match(textOf(row, 'private_key'), /^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/, 'a compact JWE');
  const [key] = await server.kit.plugins.HEADLESS_TOKEN_STRATEGY.listKeys();
  assert.deepEqual(Object.keys(key ?? {}).sort(), ['algorithm', 'createdAt', 'kid', 'signsFrom', 'state', 'verifiesUntil']);
  await server.close();
  const again = await tokenServer(t, { ...IN_DATABASE, DATABASE: server.kit.settings.DATABASE });
  assert.equal((await again.me(app.accessToken)).status, 200);
  assert.deepEqual(await publishedKids(again), [kid]);
});

test('servers that start at once on an empty database agree on one key', async (t) => {
  const DATABASE = await testDatabase(t);
  const together = await Promise.all(Array.from({ length: 4 }, () => testServer(t, { ...IN_DATABASE, DATABASE })));
  const kids = await Promise.all(together.map(publishedKids));
  assert.equal(new Set(kids.flat()).size, 1);
  assert.deepEqual(
    kids.map(({ length }) => length),
    [1, 1, 1, 1],
  );
});

test('under traffic over several servers a rotation refuses no token, from next to dropped', async (t) => {
  const [one, two, three] = await servers(t, 3);
  assert.ok(one && two && three);
  const all = [one, two, three];
  const { clock } = one;
  const app = await signedUp(one);
  const old = decode(app.accessToken).header['kid'];
  const stay = await signedUp(two); // keeps its first pair as long as that is good
  const kept = stay.refreshToken;
  let refreshes = 0;

  /** What was just given is good everywhere, as access token and for the next refresh, at a server in turn. */
  const traffic = async (): Promise<void> => {
    for (const server of all) {
      const here = Object.assign(server.app(), { refreshToken: app.refreshToken });
      assert.equal((await here.refresh()).status, 200);
      app.refreshToken = here.refreshToken;
      app.accessToken = here.accessToken;
      refreshes++;
      for (const other of all) assert.equal((await other.me(app.accessToken)).status, 200);
    }
  };
  const kid = (): unknown => decode(app.accessToken).header['kid'];

  await traffic();
  const rotation = await rotate(two);
  assert.ok(rotation.rotated);
  const next = rotation.key.kid;
  assert.deepEqual([rotation.key.state, rotation.key.signsFrom], ['next', (rotation.key.createdAt ?? 0) + PUBLICATION_DELAY]);
  for (const server of all) await until(async () => (await publishedKids(server)).length === 2);
  await traffic();
  assert.equal(kid(), old, 'it is published, and does not sign yet');

  for (const part of [0.5, 0.49, 0.02]) {
    clock.advance(Math.ceil(PUBLICATION_DELAY * part));
    await traffic();
  }
  assert.equal(kid(), next, 'it signs');
  for (const server of all) assert.deepEqual(await states(server), [`signing ${next}`, `retired ${String(old)}`]);

  clock.advance(DAY - 2 * PUBLICATION_DELAY);
  await traffic();
  const late = Object.assign(three.app(), { refreshToken: kept });
  assert.equal((await late.refresh()).status, 200, 'the last refresh token of the old key');
  clock.advance(OLD_KEY_LIFE - DAY + 2 * PUBLICATION_DELAY);
  await traffic();
  for (const server of all) assert.deepEqual(await publishedKids(server), [next], 'the old one is dropped');
  assert.ok(refreshes >= 18);

  clock.advance(DAY + 1);
  await until(async () => (await listSigningKeys(one.kit.db, 'ES256')).length === 1);
  const [event] = await eventsOf(one, 'key_rotated');
  assert.deepEqual(event?.details, { kid: next, algorithm: 'ES256', signs_from: rotation.key.signsFrom });
  for (const { log } of all) assert.deepEqual(leaksIn(log.join('')), []);
});

test('of rotations at once on several servers one wins, and the others name its key', async (t) => {
  const all = await servers(t, 3);
  const results = await Promise.all(all.map((server) => rotate(server)));
  const [won] = results.filter((each) => each.rotated);
  assert.equal(results.filter(({ rotated }) => rotated).length, 1);
  for (const result of results)
    if (!result.rotated) assert.match(result.instruction, new RegExp(`in progress: the key ${won?.key.kid ?? '?'}`));
  for (const server of all) await until(async () => (await publishedKids(server)).length === 2);
  assert.equal((await eventsOf(all[0] ?? assert.fail(), 'key_rotated')).length, 1);
});

test('at once, a new key signs here and is learnt elsewhere from the first token that names it', async (t) => {
  const [one, two] = await servers(t, 2);
  assert.ok(one && two);
  const app = await signedUp(one);
  const old = decode(app.accessToken).header['kid'];
  const results = await Promise.all([rotate(one, { immediately: true }), rotate(two, { immediately: true })]);
  assert.equal(results.filter(({ rotated }) => rotated).length, 1);
  assert.equal((await app.refresh()).status, 200);
  assert.notEqual(decode(app.accessToken).header['kid'], old);
  assert.equal((await two.me(app.accessToken)).status, 200);

  const again = await rotate(one, { immediately: true });
  assert.ok(again.rotated && again.key.state === 'signing');
  assert.equal((await app.refresh()).status, 200);
  assert.equal(decode(app.accessToken).header['kid'], again.key.kid);
  assert.equal((await two.me(app.accessToken)).status, 200, 'before its background read');
  const there = Object.assign(two.app(), { refreshToken: app.refreshToken });
  assert.equal((await there.refresh()).status, 200);
});

test('a key that waits can be made to sign at once', async (t) => {
  const [server] = await servers(t, 1);
  assert.ok(server);
  const waits = await rotate(server);
  const hastened = await rotate(server, { immediately: true });
  assert.ok(waits.rotated && hastened.rotated);
  assert.deepEqual([hastened.key.kid, hastened.key.state], [waits.key.kid, 'signing']);
  assert.equal(decode((await signedUp(server)).accessToken).header['kid'], waits.key.kid);
});

test('a restart in the middle of a rotation changes nothing of it', async (t) => {
  const [first] = await servers(t, 1);
  assert.ok(first);
  const { clock, kit } = first;
  const app = await signedUp(first);
  const rotation = await rotate(first);
  assert.ok(rotation.rotated);
  await first.close();
  const second = await tokenServer(t, { ...IN_DATABASE, DATABASE: kit.settings.DATABASE }, { clock });
  assert.deepEqual(
    (await states(second)).map((each) => each.split(' ')[0]),
    ['signing', 'next'],
  );
  clock.advance(PUBLICATION_DELAY);
  await second.close();
  const third = await tokenServer(t, { ...IN_DATABASE, DATABASE: kit.settings.DATABASE }, { clock });
  const moved = Object.assign(third.app(), { refreshToken: app.refreshToken });
  assert.equal((await moved.refresh()).status, 200);
  assert.equal(decode(moved.accessToken).header['kid'], rotation.key.kid);
});

test('a new SECRET_KEY opens the keys as long as the old one is among its fallbacks', async (t) => {
  const [first] = await servers(t, 1);
  assert.ok(first);
  const { DATABASE } = first.kit.settings;
  const app = await signedUp(first);
  await first.close();
  const changed: Config = { ...IN_DATABASE, DATABASE, SECRET_KEY: 'second-secret-key-of-at-least-32-characters' };
  const refused = await tokenServer(t, changed).then(
    () => assert.fail('this must not start'),
    (error: unknown) => error,
  );
  assert.ok(refused instanceof Error);
  assert.match(refused.message, /signing key \S+ in the database cannot be decrypted: .*SECRET_KEY_FALLBACKS/);
  assert.deepEqual(leaksIn(refused.message), []);
  const server = await tokenServer(t, { ...changed, SECRET_KEY_FALLBACKS: [SECRET_KEY] });
  assert.equal((await server.me(app.accessToken)).status, 200);
  assert.ok((await rotate(server)).rotated);
});

test('tokens live longer on one server than on the other: the old key verifies for the longer ones', async (t) => {
  const [short] = await servers(t, 1);
  assert.ok(short);
  const { clock, kit } = short;
  const long = await tokenServer(
    t,
    { ...IN_DATABASE, DATABASE: kit.settings.DATABASE, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 10 * DAY },
    { clock },
  );
  const app = await signedUp(long);
  await rotate(short);
  clock.advance(9 * DAY);
  const moved = Object.assign(short.app(), { refreshToken: app.refreshToken });
  assert.equal((await moved.refresh()).status, 200);
  clock.advance(2 * DAY);
  assert.equal((await publishedKids(short)).length, 1);
});

test('no token outlives SESSION_ABSOLUTE_AGE, and no key its tokens', async (t) => {
  const [server] = await servers(t, 1, { SESSION_ABSOLUTE_AGE: 3600, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 30 * DAY });
  assert.ok(server);
  await rotate(server);
  server.clock.advance(PUBLICATION_DELAY + 3599);
  assert.equal((await publishedKids(server)).length, 2);
  server.clock.advance(602);
  assert.equal((await publishedKids(server)).length, 1);
});

test('while the database is away the known keys serve; a rotation is refused, and all goes on once it is back', async (t) => {
  const { DATABASE, takeAway, bringBack } = await fallibleDatabase(t);
  const server = await tokenServer(t, { ...IN_DATABASE, DATABASE });
  const app = await signedUp(server);
  await takeAway();
  if (server.kit.db.dialect === 'postgresql') await until(() => server.log.join('').includes('the signing keys cannot be read'));
  assert.equal((await server.me(app.accessToken)).status, 200);
  assert.equal((await publishedKids(server)).length, 1);
  await assert.rejects(rotate(server));
  await bringBack();
  await until(async () => (await rotate(server).catch(() => null))?.rotated === true);
  assert.equal((await server.me(app.accessToken)).status, 200);
});

test('a table that is emptied under a running server takes no key from it', async (t) => {
  const [server] = await servers(t, 1);
  assert.ok(server);
  const app = await signedUp(server);
  await server.kit.db.write(EMPTY, []);
  await server.kit.plugins.HEADLESS_TOKEN_STRATEGY.validateAccessToken(`${app.accessToken.replace(/^[^.]+/, forgedHeader())}`);
  assert.equal((await server.me(app.accessToken)).status, 200);
});

test('a key that was deleted is withdrawn from running servers, with the tokens that they had verified', async (t) => {
  const [one, two] = await servers(t, 2);
  assert.ok(one && two);
  const app = await signedUp(one);
  const old = app.accessToken;
  for (const server of [one, two]) assert.equal((await server.me(old)).status, 200);
  await rotate(one, { immediately: true });
  assert.equal((await app.refresh()).status, 200);
  const [, { id } = assert.fail('no old key')] = await listSigningKeys(one.kit.db, 'ES256');
  await deleteSigningKey(one.kit.db, id);
  for (const server of [one, two]) {
    await until(async () => (await server.me(old)).status === 401);
    assert.equal((await server.me(app.accessToken)).status, 200);
  }
});

test('invented key ids are refused, and make no more reads than two a second', async (t) => {
  const [server] = await servers(t, 1);
  assert.ok(server);
  const { db } = server.kit;
  const app = await signedUp(server);
  const all = t.mock.method(db, 'all');
  const started = Date.now();
  const token = (): string => app.accessToken.replace(/^[^.]+/, forgedHeader());
  const replies = await Promise.all(Array.from({ length: 200 }, () => server.me(token())));
  assert.deepEqual([...new Set(replies.map(({ status }) => status))], [401]);
  const reads = all.mock.calls.filter(({ arguments: [{ name }] }) => name === 'signing_keys_list').length;
  const seconds = (Date.now() - started) / 1000;
  assert.ok(reads <= 2 + 2.5 * seconds, `${reads} reads in ${seconds} s`);
});

test('keys of settings behind "database" verify; "database" elsewhere in the list is a fault', async (t) => {
  const DATABASE = await testDatabase(t);
  const former = await tokenServer(t, { DATABASE, HEADLESS_JWT_ALGORITHM: 'ES256' });
  const key = former.kit.settings.HEADLESS_JWT_PRIVATE_KEY as string;
  const app = await signedUp(former);
  await former.close();
  const server = await tokenServer(t, { ...IN_DATABASE, DATABASE, HEADLESS_JWT_PRIVATE_KEY: ['database', key] });
  assert.equal((await server.me(app.accessToken)).status, 200);
  const moved = Object.assign(server.app(), { refreshToken: app.refreshToken });
  assert.equal((await moved.refresh()).status, 200);
  assert.notEqual(decode(moved.accessToken).header['kid'], decode(app.accessToken).header['kid']);
  await assert.rejects(
    testServer(t, { ...IN_DATABASE, DATABASE, HEADLESS_JWT_PRIVATE_KEY: [key, 'database'] }),
    /only allowed as the first entry/,
  );
});

test('secrets of HS* are kept and rotated too, and never published', async (t) => {
  const [one, two] = await servers(t, 2, { HEADLESS_JWT_ALGORITHM: 'HS256' });
  assert.ok(one && two);
  const app = await signedUp(one);
  const before = app.accessToken;
  assert.ok((await rotate(one, { immediately: true })).rotated);
  assert.equal((await app.refresh()).status, 200);
  for (const token of [before, app.accessToken]) assert.equal((await two.me(token)).status, 200);
  assert.deepEqual(await publishedKids(one), []);
});

/** The header of a token that names a key which nobody has. */
function forgedHeader(): string {
  return Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: `none-${Math.random()}` })).toString('base64url');
}
