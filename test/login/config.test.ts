import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

test('config tells a client what it has to know', async (t) => {
  const server = await testServer(t);
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.get('config');
    assert.deepEqual(reply.json, {
      status: 200,
      data: {
        account: {
          login_methods: ['email'],
          is_open_for_signup: true,
          email_verification_by_code_enabled: false,
          login_by_code_enabled: false,
          password_reset_by_code_enabled: false,
          authentication_method: 'email',
        },
        socialaccount: { providers: [] },
        mfa: dig(reply.data, 'mfa'),
        usersessions: { track_activity: false },
      },
    });
    assert.equal(reply.setCookies.has('sessionid'), false);
  }
});

test('config follows the settings', async (t) => {
  const cases: readonly [Config, string, unknown][] = [
    [{ ACCOUNT_LOGIN_METHODS: ['username'], ACCOUNT_SIGNUP_FIELDS: ['username*', 'password1*'] }, 'username', ['username']],
    [{ ACCOUNT_LOGIN_METHODS: ['email', 'username'] }, 'username_email', ['email', 'username']],
  ];
  for (const [settings, method, methods] of cases) {
    const { data } = await (await testServer(t, { ...settings, USERSESSIONS_TRACK_ACTIVITY: true })).app().get('config');
    assert.equal(dig(data, 'account', 'authentication_method'), method);
    assert.deepEqual(dig(data, 'account', 'login_methods'), methods);
    assert.equal(dig(data, 'usersessions', 'track_activity'), true);
  }
});

test('HEADLESS_CLIENTS says which clients there are', async (t) => {
  for (const only of ['app', 'browser'] as const) {
    const server = await testServer(t, { HEADLESS_CLIENTS: [only] });
    const [served, other] = only === 'app' ? [server.app(), server.browser()] : [server.browser(), server.app()];
    assert.equal((await served.signup(newEmail())).status, 200);
    for (const path of ['config', 'auth/session', 'auth/login', 'nope']) {
      const reply = await other.get(path);
      assert.deepEqual([reply.status, reply.json], [404, { status: 404 }]);
      assert.equal(reply.setCookies.size, 0);
    }
  }
});
