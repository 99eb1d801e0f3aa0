import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { endpoint, type Area } from '../../src/http/area.ts';
import { AUTHENTICATION } from '../../src/http/schemas.ts';
import { completeStage } from '../../src/login/login.ts';
import { loginAt } from '../../src/login/pending-login.ts';
import { authenticationReply } from '../../src/login/replies.ts';
import { serverWithAreas } from '../support/areas.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';

const KEY = 'say_please';

/** A login waits until POST auth/please. */
const please: Area = {
  name: 'please',
  endpoints: [
    endpoint({
      route: 'POST /auth/please',
      access: 'anyone',
      replies: AUTHENTICATION,
      async handle(request) {
        await completeStage(request, await loginAt(request, KEY));
        return authenticationReply(request);
      },
    }),
  ],
  stages: [{ key: KEY, enter: async (_request, login) => (login.signup ? 'pass' : 'wait') }],
};

const stagedServer = (t: TestContext, settings: Config = {}): Promise<TestServer> => serverWithAreas(t, [please], settings);

test('a login waits at its stage: 401 with the pending flow, no pair until it is complete', async (t) => {
  const server = await stagedServer(t);
  const email = newEmail();
  assert.equal((await server.app().signup(email)).status, 200, 'the stage lets signups pass');
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.login(email);
    assert.equal(reply.status, 401);
    assert.deepEqual(dig(reply.data, 'flows'), [{ id: 'login' }, { id: 'signup' }, { id: KEY, is_pending: true }]);
    assert.deepEqual(dig(reply.meta, 'access_token'), undefined);
    assert.deepEqual((await client.session()).flowIds, ['login', KEY, 'signup']);
    assert.equal((await client.get('account/email')).status, 401, 'a pending login opens nothing');
    const done = await client.post('auth/please');
    assert.equal(done.status, 200);
    assert.equal(dig(done.data, 'methods', 0, 'method'), 'password', 'what was proved before the stage counts');
    assert.equal(typeof dig(done.meta, 'access_token'), client.kind === 'app' ? 'string' : 'undefined');
    assert.equal((await client.post('auth/please')).status, 409, 'once');
  }
});

test('the session token from before the login is dead after it', async (t) => {
  const server = await stagedServer(t);
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.login(email);
  const before = app.sessionToken;
  await app.post('auth/please');
  assert.notEqual(app.sessionToken, before);
  assert.equal((await app.session({ auth: 'session', sessionToken: before })).status, 410);
  assert.equal((await app.session({ auth: 'session' })).status, 200);

  const browser = server.browser();
  await browser.login(email);
  const cookies = new Map(browser.cookies);
  await browser.post('auth/please');
  for (const name of ['sessionid', 'csrftoken']) assert.notEqual(browser.cookies.get(name), cookies.get(name), name);
  const thief = server.browser();
  thief.cookies.set('sessionid', cookies.get('sessionid') ?? '');
  assert.equal((await thief.session()).status, 401);
});

test('of completions and logins at once with one session token one wins', async (t) => {
  const server = await stagedServer(t);
  const email = newEmail();
  await server.app().signup(email);
  for (const second of ['auth/please', 'auth/login'] as const) {
    const app = server.app();
    await app.login(email);
    const { sessionToken } = app;
    const options = { auth: 'session', sessionToken, keep: false } as const;
    const replies = await Promise.all([
      app.post('auth/please', undefined, options),
      app.post(second, { email, password: PASSWORD }, options),
      app.post('auth/please', undefined, options),
    ]);
    const pairs = replies.filter(({ meta }) => dig(meta, 'access_token') !== undefined);
    assert.ok(pairs.length <= 1, replies.map(({ status }) => status).join());
    for (const { status } of replies) assert.ok([200, 401, 409, 410].includes(status), String(status));
  }
});

test('a login that waits longer than ACCOUNT_LOGIN_TIMEOUT is gone', async (t) => {
  const server = await stagedServer(t, { ACCOUNT_LOGIN_TIMEOUT: 100 });
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.login(email);
  server.clock.advance(60);
  assert.deepEqual((await app.session()).flowIds, ['login', KEY, 'signup']);
  server.clock.advance(50);
  assert.deepEqual((await app.session()).flowIds, ['login', 'signup']);
  assert.equal((await app.post('auth/please')).status, 409);
});

test('a failed login leaves a pending one in place, another login replaces it, a logout ends it', async (t) => {
  const server = await stagedServer(t);
  const [one, two] = [newEmail(), newEmail()];
  await server.app().signup(one);
  await server.app().signup(two);
  const app = server.app();
  await app.login(one);
  assert.equal((await app.login(two, 'not-the-Password-1')).status, 400);
  assert.deepEqual((await app.session()).flowIds, ['login', KEY, 'signup']);
  assert.equal((await app.login(two)).status, 401);
  assert.equal(dig((await app.post('auth/please')).data, 'user', 'email'), two);

  const other = server.app();
  await other.login(one);
  assert.equal((await other.logout()).status, 401);
  assert.equal((await other.session()).status, 410);
  assert.equal((await other.post('auth/please')).status, 410);
});

test('what a login has proved counts on at the next login of the same user alone, for ACCOUNT_LOGIN_TIMEOUT', async (t) => {
  const server = await stagedServer(t, { ACCOUNT_LOGIN_TIMEOUT: 100 });
  const [one, two] = [newEmail(), newEmail()];
  for (const email of [one, two]) await server.app().signup(email);
  for (const [client, other] of [
    [server.app(), server.app()],
    [server.browser(), server.browser()],
  ] as const) {
    await client.login(one);
    await client.login(two);
    assert.deepEqual(provedBy(await client.post('auth/please')), [two], 'not what another user proved');

    await other.login(one);
    server.clock.advance(60);
    await other.login(one);
    server.clock.advance(60);
    await other.login(one);
    assert.deepEqual(provedBy(await other.post('auth/please')), [one, one], 'not what was proved longer ago');
  }
});

test('the methods of a session that has ended are not those of the next login', async (t) => {
  const server = await stagedServer(t);
  const [one, two] = [newEmail(), newEmail()];
  for (const email of [one, two]) await server.app().signup(email);
  const client = server.browser();
  await client.login(one);
  await client.post('auth/please');
  await client.logout();
  await client.login(two);
  assert.deepEqual(provedBy(await client.post('auth/please')), [two]);
});

test('a pending login is not among the sessions of its user', async (t) => {
  const server = await stagedServer(t);
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  await server.app().login(email);
  const { data } = await app.get('auth/sessions');
  assert.ok(Array.isArray(data) && data.length === 1);
});

test('a stage whose user was deactivated meanwhile logs nobody in', async (t) => {
  const server = await stagedServer(t);
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.login(email);
  await server.kit.db.transaction((db) => db.knex('users').update({ is_active: false }));
  assert.equal((await app.post('auth/please')).status, 409);
  assert.equal((await app.session({ auth: 'session' })).status, 401);
});

test('after the user was deactivated or deleted no further stage is entered, and the login is pending no more', async (t) => {
  const entered: (string | null)[] = [];
  const next: Area = {
    name: 'next',
    endpoints: [],
    stages: [
      {
        key: 'next',
        async enter(_request, { signup }, user) {
          if (!signup) entered.push(user && user.id);
          return signup ? 'pass' : 'wait';
        },
      },
    ],
  };
  const server = await serverWithAreas(t, [please, next]);
  const email = newEmail();
  const id = dig((await server.app().signup(email)).data, 'user', 'id');

  const before = server.app();
  await before.login(email);
  assert.deepEqual(pendingFlows(await before.post('auth/please')), ['next']);
  assert.deepEqual(entered.splice(0), [id], 'the next stage gets the user');

  const deactivated = server.app();
  await deactivated.login(email);
  await server.kit.db.transaction((db) => db.knex('users').update({ is_active: false }));
  assert.equal((await deactivated.post('auth/please')).status, 409);
  assert.deepEqual(pendingFlows(await deactivated.session()), []);

  await server.kit.db.transaction((db) => db.knex('users').update({ is_active: true }));
  const deleted = server.app();
  await deleted.login(email);
  assert.deepEqual(pendingFlows(await deleted.session()), [KEY]);
  await server.kit.db.transaction((db) => db.knex('users').delete());
  assert.equal((await deleted.post('auth/please')).status, 409);
  assert.deepEqual(pendingFlows(await deleted.session()), []);
  assert.deepEqual(entered, []);
});

/** The addresses of the methods. */
function provedBy({ data }: Reply): unknown[] {
  return (dig(data, 'methods') as { email?: string }[]).map(({ email }) => email);
}

function pendingFlows({ data }: Reply): string[] {
  const flows = (dig(data, 'flows') ?? []) as { id: string; is_pending?: boolean }[];
  return flows.filter((flow) => flow.is_pending).map(({ id }) => id);
}
