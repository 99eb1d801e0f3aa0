import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvents } from '../../src/store/events.ts';
import { newEmail, type AppClient, type BrowserClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

async function idsOf(client: AppClient | BrowserClient): Promise<number[]> {
  const { data } = await client.get('auth/sessions');
  assert.ok(Array.isArray(data));
  return data.map((each) => Number(dig(each, 'id')));
}

async function ownId(client: AppClient | BrowserClient): Promise<number> {
  const { data } = await client.get('auth/sessions');
  assert.ok(Array.isArray(data));
  return Number(
    dig(
      data.find((each) => dig(each, 'is_current') === true),
      'id',
    ),
  );
}

function end(client: AppClient | BrowserClient, sessions: unknown): Promise<Reply> {
  return client.delete('auth/sessions', { sessions });
}

/** So many apps of one user. */
async function appsOf(server: TestServer, count: number): Promise<AppClient[]> {
  const email = newEmail();
  await server.app().signup(email, undefined);
  const apps = Array.from({ length: count }, () => server.app());
  for (const app of apps) await app.login(email);
  return apps;
}

async function assertOver(app: AppClient): Promise<void> {
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.session({ auth: 'bearer' })).status, 410);
  assert.equal((await app.refresh()).status, 400);
}

test('one session ends, the others go on', async (t) => {
  const server = await testServer(t);
  const [one, two, three] = (await appsOf(server, 3)) as [AppClient, AppClient, AppClient];
  const before = await idsOf(one);
  const gone = await ownId(two);
  const reply = await end(one, [gone]);
  assert.equal(reply.status, 200);
  assert.deepEqual(
    (reply.data as unknown[]).map((each) => dig(each, 'id')),
    before.filter((id) => id !== gone),
  );
  await assertOver(two);
  for (const app of [one, three]) assert.equal((await app.session()).status, 200);
  const [event] = await listEvents(server.kit.db, { limit: 1 });
  assert.equal(event?.type, 'session_revoked');
  assert.equal(event?.sid, two.sessionToken.split('.')[0]);
});

test('several end at once, also named twice or in text', async (t) => {
  const server = await testServer(t);
  const [one, two, three] = (await appsOf(server, 3)) as [AppClient, AppClient, AppClient];
  const [b, c] = [await ownId(two), await ownId(three)];
  assert.equal((await end(one, [b, String(b), c])).status, 200);
  await assertOver(two);
  await assertOver(three);
  assert.equal((await one.session()).status, 200);
});

test("one's own session ends with 401", async (t) => {
  const server = await testServer(t);
  const [one, two] = (await appsOf(server, 2)) as [AppClient, AppClient];
  const reply = await end(one, [await ownId(one)]);
  assert.deepEqual([reply.status, reply.meta], [401, { is_authenticated: false }]);
  await assertOver(one);
  assert.equal((await two.session()).status, 200);

  const browser = server.browser();
  await browser.signup(newEmail());
  assert.equal((await end(browser, [await ownId(browser)])).status, 401);
  assert.equal(browser.cookies.has('sessionid'), false);
});

test('all end together, own and others', async (t) => {
  const server = await testServer(t);
  const apps = (await appsOf(server, 3)) as [AppClient, AppClient, AppClient];
  assert.equal((await end(apps[0], await idsOf(apps[0]))).status, 401);
  for (const app of apps) await assertOver(app);
});

test("with somebody else's id, or one of a session that is over, nothing ends", async (t) => {
  const server = await testServer(t);
  const [one, two] = (await appsOf(server, 2)) as [AppClient, AppClient];
  const [stranger, anonymous] = [server.app(), server.app()];
  await stranger.signup(newEmail());
  const mine = await ownId(two);
  const over = server.app();
  await over.login(String(dig((await one.session()).data, 'user', 'email')));
  const ended = await ownId(over);
  await over.logout();
  for (const foreign of [await ownId(stranger), ended, 99_999_999, 0, -1, Number.MAX_SAFE_INTEGER]) {
    const reply = await end(one, [mine, foreign]);
    assert.deepEqual([reply.status, ...reply.errorCodes], [400, 'sessions:invalid_choice'], String(foreign));
  }
  for (const app of [one, two, stranger]) assert.equal((await app.session()).status, 200);
  assert.equal((await end(anonymous, [mine])).status, 401);
});

test('a list that is none is refused, and nothing ends', async (t) => {
  const server = await testServer(t);
  const [one, two] = (await appsOf(server, 2)) as [AppClient, AppClient];
  const mine = await ownId(two);
  const cases: readonly [unknown, string][] = [
    [undefined, 'required'],
    [null, 'required'],
    [[], 'required'],
    ['', 'required'],
    ['x', 'invalid_list'],
    [mine, 'invalid_list'],
    [{ 0: mine }, 'invalid_list'],
    [true, 'invalid_list'],
    [['x'], 'invalid_pk_value'],
    [[mine, null], 'invalid_choice'],
    [[mine, [mine]], 'invalid_pk_value'],
    [[mine, {}], 'invalid_pk_value'],
    [[1.5], 'invalid_choice'],
    [[1e300], 'invalid_choice'],
    [['9'.repeat(400)], 'invalid_choice'],
    [['-1'], 'invalid_choice'],
    [['1e1'], 'invalid_pk_value'],
    [Array.from({ length: 20_000 }, (_, index) => index), 'invalid'],
  ];
  for (const [sessions, code] of cases) {
    const reply = await end(one, sessions);
    assert.deepEqual([reply.status, ...reply.errorCodes], [400, `sessions:${code}`], JSON.stringify(sessions)?.slice(0, 40));
  }
  assert.equal((await one.delete('auth/sessions')).status, 400);
  assert.equal((await two.session()).status, 200);
});

test('ends of one session at once: it ends once, and no caller fails', async (t) => {
  const server = await testServer(t);
  const [one, two, three] = (await appsOf(server, 3)) as [AppClient, AppClient, AppClient];
  const gone = await ownId(three);
  const replies = await Promise.all([end(one, [gone]), end(two, [gone]), end(one, [gone]), three.logout()]);
  for (const { status } of replies) assert.ok([200, 400, 401, 410].includes(status), String(status));
  await assertOver(three);
  const sid = three.sessionToken.split('.')[0];
  const ends = (await listEvents(server.kit.db, { limit: 99 })).filter(
    (event) => event.sid === sid && ['session_revoked', 'logout'].includes(event.type),
  );
  assert.equal(ends.length, 1);
});

test('two sessions that end each other at once: both calls answer, and both are over or one is', async (t) => {
  const server = await testServer(t);
  const [one, two] = (await appsOf(server, 2)) as [AppClient, AppClient];
  const [a, b] = [await ownId(one), await ownId(two)];
  const replies = await Promise.all([end(one, [b]), end(two, [a])]);
  for (const { status } of replies) assert.ok([200, 400, 401, 410].includes(status), String(status));
  const live = [(await one.session()).status, (await two.session()).status].filter((status) => status === 200);
  assert.ok(live.length <= 1);
});
