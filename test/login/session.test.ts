import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { testServer } from '../support/server.ts';

test('who is not logged in gets 401 with the flows, and no session for a mere look', async (t) => {
  const server = await testServer(t);
  for (const client of [server.app(), server.browser()]) {
    for (const reply of [await client.session(), await client.logout()]) {
      assert.deepEqual(reply.json, {
        status: 401,
        data: { flows: [{ id: 'login' }, { id: 'signup' }] },
        meta: { is_authenticated: false },
      });
      assert.equal(reply.setCookies.has('sessionid'), false);
    }
  }
  assert.deepEqual(await server.kit.db.knex('sessions').select('id'), []);
});

test('a logout answers 401; the session token then gets 410, the access token 410 or 401, the refresh token 400', async (t) => {
  for (const stateful of [false, true]) {
    const server = await testServer(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: stateful });
    for (const auth of ['session', 'bearer'] as const) {
      const app = server.app();
      await app.signup(newEmail());
      const reply = await app.logout({ auth });
      assert.equal(reply.status, 401);
      assert.deepEqual(reply.meta, { is_authenticated: false });
      for (const path of ['auth/session', 'config', 'auth/sessions', 'account/email']) {
        assert.equal((await app.get(path, { auth: 'session' })).status, 410, path);
      }
      const gone = await app.session({ auth: 'session' });
      assert.deepEqual([gone.flowIds, gone.meta], [['login', 'signup'], { is_authenticated: false }]);
      assert.equal((await app.logout({ auth: 'session' })).status, 410);
      assert.equal((await app.login(newEmail(), PASSWORD)).status, stateful ? 400 : 410);
      assert.equal((await app.session({ auth: 'bearer' })).status, stateful ? 401 : 410);
      assert.equal((await app.refresh()).status, 400);
    }
  }
});

test('a browser that logs out is anonymous, and its cookie opens nothing any more', async (t) => {
  const server = await testServer(t);
  const browser = server.browser();
  await browser.signup(newEmail());
  const kept = browser.cookies.get('sessionid') ?? '';
  const reply = await browser.logout();
  assert.deepEqual([reply.status, reply.meta], [401, { is_authenticated: false }]);
  assert.equal(browser.cookies.has('sessionid'), false);
  browser.cookies.set('sessionid', kept);
  assert.equal((await browser.session()).status, 401);
  assert.equal(browser.cookies.has('sessionid'), false, 'a cookie that opens nothing is taken back');
});

test('logouts at once: the first counts, and none fails', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  const replies = await Promise.all([1, 2, 3, 4].map(() => app.logout({ auth: 'session', keep: false })));
  for (const { status } of replies) assert.ok(status === 401 || status === 410, String(status));
  assert.deepEqual(await server.kit.db.knex('events').where('type', 'logout').pluck('type'), ['logout']);
});

test('a session ends SESSION_COOKIE_AGE seconds after the login', async (t) => {
  const server = await testServer(t, { SESSION_COOKIE_AGE: 5000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 100 });
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(newEmail());
  await browser.signup(newEmail());
  server.clock.advance(4900);
  assert.equal((await app.session({ auth: 'session' })).status, 200);
  assert.equal((await browser.session()).status, 200);
  server.clock.advance(101);
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await browser.session()).status, 401);
  assert.equal(browser.cookies.has('sessionid'), false);
});

test('SESSION_ABSOLUTE_AGE bounds the life of a session', async (t) => {
  const server = await testServer(t, { SESSION_COOKIE_AGE: 5000, SESSION_ABSOLUTE_AGE: 1000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 600 });
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(newEmail());
  await browser.signup(newEmail());
  server.clock.advance(500);
  assert.equal((await app.refresh()).status, 200);
  server.clock.advance(480);
  assert.equal((await app.session({ auth: 'session' })).status, 200);
  assert.equal((await app.refresh()).status, 200);
  assert.equal((await browser.session()).status, 200);
  server.clock.advance(21);
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.refresh()).status, 400);
  assert.equal((await browser.session()).status, 401);
});

test('without SESSION_ABSOLUTE_AGE a session lives as long as it is refreshed', async (t) => {
  const server = await testServer(t, { SESSION_COOKIE_AGE: 1000, SESSION_ABSOLUTE_AGE: null, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000 });
  const app = server.app();
  await app.signup(newEmail());
  for (let round = 0; round < 5; round += 1) {
    server.clock.advance(900);
    assert.equal((await app.refresh()).status, 200);
  }
  assert.equal((await app.session({ auth: 'session' })).status, 200);
});

test('the sessions of a user who is deactivated are over at once', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  const id = digText((await app.signup(email)).data, 'user', 'id');
  await browser.login(email);
  await updateUser(server.kit.db, id, { isActive: false });
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.session({ auth: 'bearer' })).status, 410);
  assert.equal((await app.refresh()).status, 400);
  assert.equal((await browser.session()).status, 401);
});

test('the answer names the user and the methods, whichever credential is sent', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  const email = newEmail();
  const signup = await app.signup(email);
  for (const auth of ['session', 'bearer', 'both'] as const) {
    const reply = await app.session({ auth });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.data, signup.data);
    assert.deepEqual(reply.meta, { is_authenticated: true }, 'tokens are handed out once');
  }
  assert.equal(dig((await app.get('account/email')).data, 0, 'email'), email);
});
