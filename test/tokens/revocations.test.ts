import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean } from '../../src/background/cleanup.ts';
import { sha256 } from '../../src/kit/random.ts';
import { updateUser } from '../../src/store/users.ts';
import { AppClient, PASSWORD } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { dig, send } from '../support/http.ts';
import { Clock, type TestServer } from '../support/server.ts';
import { fallibleDatabase } from '../server/databases.ts';
import { ask, feedServer, read, SERVICE } from './support/feed.ts';
import { decode } from './support/jwt.ts';
import { signedUp } from './support/server.ts';

const sidOf = (app: AppClient): string => String(decode(app.accessToken).claims['sid']);
const userOf = (app: AppClient): string => String(decode(app.accessToken).claims['sub']);

type Way = (server: TestServer, app: AppClient & { email: string }) => Promise<unknown>;

const WAYS: Record<string, Way> = {
  logout: (_server, app) => app.logout({ auth: 'session' }),
  'logout by access token': (_server, app) => app.logout({ auth: 'bearer' }),
  'ended from the list by another session': async (server, app) => {
    const other = server.app();
    await other.login(app.email);
    const list = (await other.get('auth/sessions')).data as { id: number; is_current: boolean }[];
    await other.delete('auth/sessions', { sessions: list.filter((each) => !each.is_current).map(({ id }) => id) });
  },
  'password changed': (_server, app) =>
    app.post('account/password/change', { current_password: PASSWORD, new_password: 'fresh-Pass-8-word' }),
  'refresh token reused': async (server, app) => {
    const stolen = app.refreshToken;
    await app.refresh();
    server.clock.advance(60);
    assert.equal((await app.refresh(stolen, { take: false })).status, 400);
  },
  'revoked by a service': (server, app) =>
    send(server.url, {
      method: 'POST',
      path: '/_allauth/revoke',
      body: new URLSearchParams({ token: app.refreshToken }).toString(),
      headers: { Authorization: `Bearer ${SERVICE}`, 'Content-Type': 'application/x-www-form-urlencoded' },
    }),
  'user deactivated': (server, app) => updateUser(server.kit.db, userOf(app), { isActive: false }),
  'user deleted': (server, app) =>
    server.kit.db.transaction((db) =>
      db
        .knex('users')
        .where({ id: userOf(app) })
        .delete(),
    ),
};

for (const [name, end] of Object.entries(WAYS)) {
  test(`in the feed: ${name}`, async (t) => {
    const server = await feedServer(t);
    const [app, other] = [await signedUp(server), await signedUp(server)];
    const before = await read(server);
    assert.deepEqual(before.entries, []);
    const now = server.clock.now();
    await end(server, app);
    const { entries, cursor } = await read(server, before.cursor);
    const mine = entries.filter(({ sid }) => sid === sidOf(app));
    assert.equal(mine.length, 1, 'once');
    assert.ok(entries.every(({ sid }) => sid !== sidOf(other)));
    const [{ revoked_at: at, expires_at: until } = { revoked_at: 0, expires_at: 0 }] = mine;
    assert.ok(at >= now && at <= server.clock.now() + 1, `${at}`);
    assert.ok(until >= at + 300 && until <= at + 400, 'kept for as long as its last access token lives');
    assert.deepEqual((await read(server, cursor)).entries, []);
    assert.deepEqual((await read(server)).entries, entries, 'the snapshot has it too');
  });
}

test('a refresh, a login and an anonymous session leave nothing in it', async (t) => {
  const server = await feedServer(t);
  const app = await signedUp(server);
  await app.refresh();
  await server.app().login(app.email);
  await server.app().login(app.email, 'wrong');
  await server.app().logout();
  await updateUser(server.kit.db, userOf(app), { isStaff: true, isActive: true });
  assert.deepEqual((await read(server)).entries, []);
});

test('entries expire; a cursor that is older than what is kept gets 410, one that saw all of it does not', async (t) => {
  const server = await feedServer(t);
  const first = await signedUp(server);
  const start = await read(server);
  await first.logout();
  const seen = await read(server, start.cursor);
  assert.deepEqual(seen.sids, [sidOf(first)]);
  server.clock.advance(400);
  assert.deepEqual((await read(server)).entries, [], 'nothing in it matters any more');
  assert.equal((await ask(server, `?cursor=${start.cursor}`)).status, 200, 'it is still kept');
  const second = await signedUp(server);
  await second.logout();
  server.clock.advance(3600);
  assert.equal((await clean(server.kit)) > 0, true);
  const gone = await ask(server, `?cursor=${start.cursor}&wait=30`);
  assert.deepEqual([gone.status, dig(gone.json, 'error')], [410, 'cursor_gone']);
  assert.deepEqual((await read(server, seen.cursor)).sids, [], 'the first is gone, the second has expired but is kept');
  server.clock.advance(7200);
  await clean(server.kit);
  const third = await signedUp(server);
  await third.logout();
  const snapshot = await read(server);
  assert.deepEqual(snapshot.sids, [sidOf(third)]);
  assert.equal((await ask(server, `?cursor=${seen.cursor}`)).status, 410);
  assert.deepEqual((await read(server, snapshot.cursor)).sids, []);
});

test('a cursor of another database, or from before a restore: 410', async (t) => {
  const [one, two] = [await feedServer(t), await feedServer(t)];
  const { cursor } = await read(one);
  assert.equal((await ask(two, `?cursor=${cursor}`)).status, 410);
  const [feed = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  const ahead = Buffer.from(`${feed}:7`).toString('base64url');
  assert.equal((await ask(one, `?cursor=${ahead}`)).status, 410);
});

test('a lifetime that is lowered at a restart goes on counting for the tokens that have it', async (t) => {
  const [DATABASE, clock] = [await testDatabase(t), new Clock()];
  const long = await feedServer(t, { DATABASE, HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 5000 }, { clock });
  const app = await signedUp(long);
  await long.close();
  const short = await feedServer(t, { DATABASE, HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 60 }, { clock });
  await Object.assign(short.app(), { sessionToken: app.sessionToken }).logout();
  const [entry] = (await read(short)).entries;
  const exp = Number(decode(app.accessToken).claims['exp']);
  assert.ok(entry && entry.sid === sidOf(app) && entry.expires_at >= exp);
  clock.advance(4900);
  assert.deepEqual((await read(short)).sids, [sidOf(app)]);

  clock.advance(2 * 86_400);
  await clean(short.kit);
  const later = await signedUp(short);
  await later.logout();
  const [after] = (await read(short)).entries;
  assert.ok(after && after.expires_at < clock.now() + 200, 'the long one is forgotten once no such token lives');
});

test('who does not prove to be a service: 401', async (t) => {
  const server = await feedServer(t, { SERVICE_TOKENS: [`sha256:${sha256(SERVICE)}`] });
  const app = await signedUp(server);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const good of [`Bearer ${SERVICE}`, basic(`x:${SERVICE}`)]) assert.equal((await ask(server, '', good)).status, 200);
  for (const bad of ['', 'Bearer x', `Bearer ${app.accessToken}`, basic(`${SERVICE}:`), `Bearer sha256:${sha256(SERVICE)}`]) {
    const { status, headers } = await ask(server, '?wait=30', bad);
    assert.equal(status, 401, bad);
    assert.match(headers['www-authenticate'] ?? '', /Bearer/);
  }
});

test('bad parameters: 400 that says which; other methods: 405; nobody keeps an answer', async (t) => {
  const server = await feedServer(t);
  const { cursor } = await read(server);
  const raw = (text: string) => Buffer.from(text).toString('base64url');
  for (const wait of ['-1', '31', '1.5', 'x', '', '1e1', '030', '%201', '1&wait=1']) {
    const reply = await ask(server, `?wait=${wait}`);
    assert.equal(reply.status, 400, wait);
    assert.match(String(dig(reply.json, 'error_description')), /wait/);
  }
  const cursors = ['', 'x', '%00', raw('abc:1'), raw('0123456789abcdef:'), raw('0123456789abcdef:-1'), raw('0123456789abcdef:1e3')];
  for (const bad of [...cursors, raw(`0123456789abcdef:${'9'.repeat(40)}`), 'x'.repeat(5000), `${cursor}&cursor=${cursor}`]) {
    const reply = await ask(server, `?cursor=${bad}`);
    assert.equal(reply.status, 400, bad);
    assert.match(String(dig(reply.json, 'error_description')), /cursor/);
  }
  const { status, headers } = await send(server.url, { method: 'POST', path: '/_allauth/revocations' });
  assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD']);
  assert.match((await ask(server)).headers['cache-control'] ?? '', /no-store/);
});

test('a database that is away: 503, also for who waits; then all is there', async (t) => {
  const { DATABASE, takeAway, bringBack } = await fallibleDatabase(t);
  const server = await feedServer(t, { DATABASE });
  const app = await signedUp(server);
  const { cursor } = await read(server);
  if (server.kit.db.dialect === 'postgresql') {
    const waiting = ask(server, `?wait=30&cursor=${cursor}`);
    await takeAway();
    assert.equal((await waiting).status, 503);
    assert.equal((await ask(server)).status, 503);
    await bringBack();
  }
  await app.logout();
  assert.deepEqual((await read(server, cursor)).sids, [sidOf(app)]);
  await server.kit.db.close();
  const { status, headers } = await ask(server, `?cursor=${cursor}`);
  assert.deepEqual([status, headers['retry-after']], [503, '2']);
});
