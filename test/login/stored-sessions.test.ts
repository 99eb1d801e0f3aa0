import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const SETTINGS: Config = { ACCOUNT_EMAIL_VERIFICATION: 'none', ACCOUNT_LOGIN_BY_CODE_ENABLED: true };

async function dataOf(server: TestServer, app: AppClient): Promise<Record<string, unknown>> {
  const row = await server.kit.db
    .knex<{ sid: string; data: string }>('sessions')
    .where({ sid: sidOf(app) })
    .first();
  return JSON.parse(row?.data ?? '{}') as Record<string, unknown>;
}

async function overwrite(server: TestServer, app: AppClient, data: unknown): Promise<void> {
  await server.kit.db.transaction((db) =>
    db
      .knex('sessions')
      .where({ sid: sidOf(app) })
      .update({ data: JSON.stringify(data) }),
  );
}

function sidOf({ sessionToken }: AppClient): string {
  return sessionToken.split('.')[0] ?? '';
}

test('session data has the layout that earlier versions wrote', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] });
  const email = newEmail();
  const first = server.app();
  await first.signup(email);
  const userId = dig((await first.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).data, 'user', 'id');
  assert.deepEqual(Object.keys(await dataOf(server, first)), ['methods']);

  const app = server.app();
  await app.login(email);
  const { login, ...others } = await dataOf(server, app);
  const at = dig(others, 'methods', 0, 'at');
  assert.deepEqual(others, { methods: [{ method: 'password', email, at }], methodsOf: userId });
  const { id, expiresAt } = dig(login, 'state', 'login_by_code', 'code') as { id: string; expiresAt: number };
  const state = { login_by_code: { code: { id, resent: 0, expiresAt }, to: { email }, withPassword: true } };
  const credentialsVersion = 0; // earlier versions wrote neither this nor `withPassword`
  assert.deepEqual(login, { userId, email, signup: false, initiatedAt: at, credentialsVersion, done: [], stage: 'login_by_code', state });

  await app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
  const codeAt = dig(await dataOf(server, app), 'methods', 1, 'at');
  assert.deepEqual(await dataOf(server, app), {
    methods: [
      { method: 'password', email, at },
      { method: 'code', email, at: codeAt },
    ],
  });
});

test('a code that no login waits for is stored under its purpose, as earlier versions did', async (t) => {
  const server = await testServer(t, { ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true });
  const app = server.app();
  await app.post('auth/password/request', { email: newEmail() });
  const data = await dataOf(server, app);
  const { id, expiresAt } = dig(data, 'codes', 'reset_password') as { id: string; expiresAt: number };
  assert.deepEqual(data, { codes: { reset_password: { id, resent: 0, expiresAt } } });
});

test('session data that does not match is absent: the login is not pending, and nothing fails', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.post('auth/code/request', { email });
  const good = await dataOf(server, app);
  const login = good['login'] as Record<string, unknown>;
  const code = { code: (await server.mail.wait(email)).code };
  const broken: unknown[] = [
    { login: 'text' },
    { login: { ...login, done: null } },
    { login: { ...login, state: [] } },
    { login: { ...login, state: {} } },
    { login: { ...login, state: { login_by_code: { code: { id: 5 }, to: { email } } } } },
    { login: { ...login, state: { login_by_code: { to: { phone: 5 } } } } },
    { login: null, methods: 'text', methodsOf: {}, codes: [] },
  ];
  for (const data of broken) {
    await overwrite(server, app, data);
    const session = await app.session({ auth: 'session' });
    assert.deepEqual([session.status, session.flowIds], [401, ['login', 'login_by_code', 'signup']], JSON.stringify(data));
    assert.deepEqual(
      (dig(session.data, 'flows') as { is_pending?: boolean }[]).filter((flow) => flow.is_pending),
      [],
    );
    for (const path of ['auth/code/confirm', 'auth/code/resend', 'auth/phone/verify']) {
      const { status } = await app.post(path, code, { auth: 'session', keep: false });
      assert.ok([404, 409].includes(status), `${path} ${status}`);
    }
  }
  await overwrite(server, app, good);
  assert.equal((await app.post('auth/code/confirm', code)).status, 200);

  await overwrite(server, app, { methods: [{ method: 'password' }] });
  assert.deepEqual(dig((await app.session({ auth: 'session' })).data, 'methods'), []);
  assert.equal((await app.post('auth/reauthenticate', { password: PASSWORD }, { auth: 'session' })).status, 200);
});
