import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

interface Listed {
  id: number;
  user_agent: string;
  ip: string;
  created_at: number;
  is_current: boolean;
  last_seen_at?: number;
}

function listOf(data: unknown): Listed[] {
  assert.ok(Array.isArray(data));
  return data as Listed[];
}

test("the list has the user's sessions of both clients and no others, the current one marked", async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  app.headers = { 'User-Agent': 'phone/1' };
  browser.headers = { 'User-Agent': 'desk/2' };
  assert.equal((await app.get('auth/sessions')).status, 401);
  await app.signup(email);
  await server.app().signup(newEmail());
  server.clock.advance(10);
  await browser.login(email);
  for (const client of [app, browser]) {
    const reply = await client.get('auth/sessions');
    assert.equal(reply.status, 200);
    const list = listOf(reply.data);
    assert.deepEqual(
      list.map(({ user_agent: agent, is_current: current, ip }) => [agent, current, ip]),
      [
        ['phone/1', client === app, '127.0.0.1'],
        ['desk/2', client === browser, '127.0.0.1'],
      ],
    );
    for (const each of list) {
      assert.deepEqual(Object.keys(each).sort(), ['created_at', 'id', 'ip', 'is_current', 'user_agent']);
      assert.ok(Number.isInteger(each.id) && each.id > 0);
    }
    assert.equal((list[1]?.created_at ?? 0) - (list[0]?.created_at ?? 0) >= 10, true);
  }
  for (const auth of ['session', 'bearer'] as const) {
    assert.deepEqual(
      listOf((await app.get('auth/sessions', { auth })).data).map((each) => each.is_current),
      [true, false],
    );
  }
  await browser.logout();
  assert.equal(listOf((await app.get('auth/sessions')).data).length, 1);
});

test('expired sessions are not in the list', async (t) => {
  const server = await testServer(t, { SESSION_COOKIE_AGE: 1000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000 });
  const email = newEmail();
  await server.browser().signup(email);
  server.clock.advance(600);
  const app = server.app();
  await app.login(email);
  assert.equal(listOf((await app.get('auth/sessions')).data).length, 2);
  server.clock.advance(401);
  assert.equal(listOf((await app.get('auth/sessions', { auth: 'session' })).data).length, 1);
});

test('USERSESSIONS_TRACK_ACTIVITY keeps address, user agent and time of last use current', async (t) => {
  const server = await testServer(t, { USERSESSIONS_TRACK_ACTIVITY: true, ALLAUTH_TRUSTED_PROXY_COUNT: 1 });
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  for (const client of [app, browser]) client.headers = { 'User-Agent': 'old/1', 'X-Forwarded-For': '192.0.2.1' };
  await app.signup(email);
  await browser.login(email);
  const [first] = listOf((await app.get('auth/sessions')).data);
  // Anonymous until the login was complete, perhaps in the next second.
  assert.ok((first?.last_seen_at ?? 0) - (first?.created_at ?? 0) <= 2);

  server.clock.advance(200);
  for (const client of [app, browser]) {
    client.headers = { 'User-Agent': 'new/2', 'X-Forwarded-For': '2001:db8::7' };
    assert.equal((await client.session()).status, 200);
  }
  const after = listOf((await app.get('auth/sessions')).data);
  for (const each of after) {
    assert.deepEqual([each.user_agent, each.ip], ['new/2', '2001:db8::7']);
    assert.ok((each.last_seen_at ?? 0) - each.created_at >= 200);
  }
  assert.equal(after[0]?.created_at, first?.created_at);
});

test('without it, address and user agent are those of the login', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  app.headers = { 'User-Agent': 'other/2' };
  server.clock.advance(200);
  await app.session();
  const [only] = listOf((await app.get('auth/sessions')).data);
  assert.equal(only?.user_agent, 'test/1');
  assert.equal(only?.last_seen_at, undefined);
});

test('a long or strange user agent is kept, cut', async (t) => {
  const server = await testServer(t);
  for (const [agent, kept] of [
    ['x'.repeat(5000), 'x'.repeat(512)],
    ['', ''],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ] as const) {
    const app = server.app();
    app.headers = { 'User-Agent': agent };
    assert.equal((await app.signup(newEmail())).status, 200);
    assert.equal(listOf((await app.get('auth/sessions')).data)[0]?.user_agent, kept);
  }
});
