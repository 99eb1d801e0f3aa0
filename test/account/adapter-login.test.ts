import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import {
  createUser,
  DefaultAccountAdapter,
  invalid,
  Refusal,
  type AdapterRequest,
  type LoginDetails,
  type LoginIdentifier,
  type UserRecord,
  type Writing,
} from 'allauth-kit/plugin';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

async function eventTypes(server: TestServer): Promise<string[]> {
  return (await server.kit.db.knex('events').orderBy('id').pluck('type')) as string[];
}

/** Notes which hooks were called, and fails or refuses where it is told to. */
class Noting extends DefaultAccountAdapter {
  readonly calls: string[] = [];
  faults: Record<string, Error | undefined> = {};

  protected note(hook: string, ...what: unknown[]): void {
    this.calls.push([hook, ...what].join(' '));
    const fault = this.faults[hook];
    if (fault) throw fault;
  }
  override async preAuthenticate(_request: AdapterRequest, login: LoginIdentifier): Promise<void> {
    this.note('preAuthenticate', JSON.stringify(login));
  }
  override authenticationFailed(_request: AdapterRequest, login: LoginIdentifier): void {
    this.note('authenticationFailed', Object.keys(login).join());
  }
  override async preLogin(_request: AdapterRequest, user: UserRecord, { signup }: LoginDetails): Promise<void> {
    this.note('preLogin', user.email, signup);
  }
  override async postLogin(request: AdapterRequest, user: UserRecord, { signup }: LoginDetails): Promise<void> {
    this.note('postLogin', user.email, signup, request.user?.id === user.id);
  }
  override async confirmEmail(request: AdapterRequest, user: UserRecord, email: string, writing: Writing): Promise<boolean> {
    const done = await super.confirmEmail(request, user, email, writing);
    this.note('confirmEmail', email);
    return done;
  }
}

async function noting(t: Parameters<typeof testServer>[0], settings: Config = {}) {
  const server = await testServer(t, { ACCOUNT_ADAPTER: Noting, ...settings });
  const adapter: unknown = server.kit.plugins.ACCOUNT_ADAPTER;
  assert.ok(adapter instanceof Noting);
  return { server, adapter };
}

test('hooks of a login are called in their order, with what they are about, and never with the password', async (t) => {
  const { server, adapter } = await noting(t, { ACCOUNT_LOGIN_ON_PASSWORD_RESET: true });
  const email = newEmail();
  await server.app().signup(email);
  assert.deepEqual(adapter.calls.splice(0), [`preLogin ${email} true`, `postLogin ${email} true true`]);
  await server.app().login(email, 'wr0ng-Turnip');
  assert.deepEqual(adapter.calls.splice(0), [`preAuthenticate {"email":"${email}"}`, 'authenticationFailed email']);
  assert.equal((await server.app().login(email)).status, 200);
  const login = [`preLogin ${email} false`, `postLogin ${email} false true`];
  assert.deepEqual(adapter.calls.splice(0), [`preAuthenticate {"email":"${email}"}`, ...login]);
  await server.mail.wait(email);
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  assert.equal((await server.app().post('auth/password/reset', { key, password: 'another-Pass-4-you' })).status, 200);
  assert.deepEqual(adapter.calls.splice(0), login);
});

test('a login that preLogin refuses, or fails, makes no session; a signup no account, a reset no new password', async (t) => {
  const { server, adapter } = await noting(t, { ACCOUNT_LOGIN_ON_PASSWORD_RESET: true });
  const email = newEmail();
  await server.app().signup(email);
  await server.mail.wait(email);
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  for (const [fault, status] of [
    [new Refusal(403, [{ code: 'country', message: 'Not from there.' }]), 403],
    [new Error('the list of countries is away'), 500],
  ] as const) {
    adapter.faults = { preLogin: fault };
    const before = await eventTypes(server);
    const app = server.app();
    assert.deepEqual([(await app.login(email)).status, app.sessionToken], [status, '']);
    assert.equal((await app.signup(newEmail())).status, status);
    assert.equal((await app.post('auth/password/reset', { key, password: 'another-Pass-4-you' })).status, status);
    assert.deepEqual(await eventTypes(server), before);
  }
  adapter.faults = {};
  assert.equal((await server.app().login(email)).status, 200, 'with the old password');
});

test('a postLogin that fails leaves no session: neither tokens nor a cookie are handed out', async (t) => {
  const { server, adapter } = await noting(t);
  const email = newEmail();
  await server.app().signup(email);
  adapter.faults = { postLogin: new Error('the newsletter is away') };
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.login(email);
    assert.deepEqual([reply.status, reply.json], [500, { status: 500 }]);
    assert.equal((await client.session()).status, 401);
  }
  adapter.faults = { postLogin: invalid('email', 'elsewhere', 'Log in elsewhere.') };
  const app = server.app();
  const refused = await app.login(email);
  assert.deepEqual([refused.status, ...refused.errorCodes, app.sessionToken], [400, 'email:elsewhere', '']);
  const live = (await server.kit.db.knex('sessions').whereNull('ended_at').pluck('user_id')) as unknown[];
  assert.equal(live.length, 1, 'that of the signup');
});

test('confirmEmail that fails undoes the confirmation, and the key stays good', async (t) => {
  const { server, adapter } = await noting(t, { ACCOUNT_EMAIL_VERIFICATION: 'mandatory' });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const { key } = await server.mail.wait(email);
  adapter.faults = { confirmEmail: new Error('the adapter fell over') };
  assert.equal((await app.post('auth/email/verify', { key })).status, 500);
  assert.ok(!(await eventTypes(server)).includes('email_verified'));
  assert.equal((await server.app().login(email)).status, 401, 'not verified');
  adapter.faults = {};
  const replies = await Promise.all([1, 2, 3, 4].map(() => server.app().post('auth/email/verify', { key })));
  assert.equal(replies.filter(({ status }) => status === 401).length, 1, 'one use wins');
  assert.equal((await server.app().login(email)).status, 200);
});

test('authenticate may ask elsewhere, and make the user there is', async (t) => {
  class Directory extends DefaultAccountAdapter {
    override async authenticate(request: AdapterRequest, login: LoginIdentifier, password: string): Promise<UserRecord | null> {
      if (!('email' in login) || !login.email.endsWith('@staff.example')) return super.authenticate(request, login, password);
      if (password !== 'open-Sesame-directory') return null;
      return createUser(this.kit, { email: login.email, password: null, verified: true });
    }
    override async reauthenticate(_request: AdapterRequest, user: UserRecord, password: string): Promise<boolean> {
      return user.email?.endsWith('@staff.example') === true && password === 'open-Sesame-directory';
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Directory });
  const app = server.app();
  assert.deepEqual((await app.login('ann@staff.example')).errorCodes, ['password:email_password_mismatch']);
  const made = await app.login('ann@staff.example', 'open-Sesame-directory');
  assert.deepEqual([made.status, dig(made.data, 'methods', 0, 'method')], [200, 'password']);
  assert.equal((await app.post('auth/reauthenticate', { password: 'open-Sesame-directory' })).status, 200);
  assert.equal((await app.post('auth/reauthenticate', { password: PASSWORD })).status, 400);
  const email = newEmail();
  await server.app().signup(email);
  assert.equal((await server.app().login(email)).status, 200, 'others log in as ever');
});

test('a code after the password, where the adapter wants one', async (t) => {
  class Wary extends DefaultAccountAdapter {
    override async isLoginByCodeRequired(request: AdapterRequest): Promise<boolean> {
      return request.userAgent === 'new-device/1';
    }
  }
  const server = await testServer(t, { ACCOUNT_ADAPTER: Wary, ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const email = newEmail();
  await server.app().signup(email);
  assert.equal((await server.app().login(email)).status, 200);
  const device = server.app();
  device.headers = { 'User-Agent': 'new-device/1' };
  assert.deepEqual((await device.login(email)).flowIds.includes('login_by_code'), true);
  assert.equal((await device.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).status, 200);
});

test('a class that is no adapter stops the start, and says what to derive it from', async (t) => {
  class Half {
    saveUser(): void {}
  }
  // As a config in JavaScript could have it.
  const half = Half as unknown as typeof DefaultAccountAdapter;
  await assert.rejects(
    testServer(t, { ACCOUNT_ADAPTER: half }),
    /ACCOUNT_ADAPTER: Half is not an account adapter: derive it from DefaultAccountAdapter .*isOpenForSignup/,
  );
  const django = {
    ACCOUNT_ADAPTER: 'allauth.account.adapter.DefaultAccountAdapter',
    HEADLESS_ADAPTER: 'allauth.headless.adapter.DefaultHeadlessAdapter',
  };
  assert.equal((await (await testServer(t, django)).app().signup(newEmail())).status, 200);
});
