import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { findUserByEmail } from '../../src/store/users.ts';
import { listSessions } from '../../src/store/sessions.ts';
import { API, adminServer, newPerson } from '../admin/support.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

// The attacker has the password, or a mailbox that the account once had, and begins something that waits. The owner then changes the credential.

const NEW = 'fresh-Pass-8-word';

const SETTINGS: Config = {
  ACCOUNT_EMAIL_VERIFICATION: 'none',
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'],
};

/** A user who was made without a login, so that no code was sent yet. */
async function newOwner(server: TestServer): Promise<string> {
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  return email;
}

/** A login by the password, which waits for the code that was mailed. */
async function waitingLogin(server: TestServer, email: string): Promise<{ app: AppClient; code: string }> {
  const app = server.app();
  const reply = await app.login(email);
  assert.deepEqual([reply.status, pendingFlows(reply)], [401, ['login_by_code']]);
  return { app, code: (await server.mail.wait(email)).code };
}

async function resetPassword(server: TestServer, email: string, password = NEW): Promise<void> {
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  assert.equal((await server.app().post('auth/password/reset', { key, password })).status, 401);
}

function pendingFlows(reply: Reply): unknown[] {
  const flows = (dig(reply.data, 'flows') ?? []) as { id: string; is_pending?: boolean }[];
  return flows.filter((flow) => flow.is_pending).map(({ id }) => id);
}

/** The answer of a login that has expired. */
async function assertVoid(app: AppClient, code: string): Promise<void> {
  const session = await app.session();
  if (session.status === 410) return;
  assert.deepEqual([session.status, pendingFlows(session)], [401, []]);
  assert.equal((await app.post('auth/code/confirm', { code })).status, 409);
  assert.equal((await app.session()).status, 401);
}

async function liveSessions(server: TestServer, email: string): Promise<number> {
  const user = await findUserByEmail(server.kit.db, email);
  return (await listSessions(server.kit.db, user?.id ?? '', server.kit.now())).length;
}

test('a login that waits is void after a reset of the password', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = await newOwner(server);
  const { app, code } = await waitingLogin(server, email);
  await resetPassword(server, email);
  await assertVoid(app, code);
  assert.equal(await liveSessions(server, email), 0);
  const again = await server.app().login(email, NEW);
  assert.equal(again.status, 401);
});

test('a login that waits is void after a change of the password', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: false });
  const email = await newOwner(server);
  const owner = server.app();
  assert.equal((await owner.login(email)).status, 200);
  const byCode = server.app();
  assert.equal((await byCode.post('auth/code/request', { email })).status, 401);
  const { code } = await server.mail.wait(email);
  const change = { current_password: PASSWORD, new_password: NEW };
  assert.equal((await owner.post('account/password/change', change)).status, 200);
  await assertVoid(byCode, code);
});

test('a login that waits ends with all sessions of its user, and is counted', async (t) => {
  const server = await adminServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: false });
  const { email, id } = await newPerson(server);
  const waiting = server.app();
  await waiting.post('auth/code/request', { email });
  const { code } = await server.mail.wait(email);
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  const { data } = await server.admin.post(`${API}/users/${id}/revoke-sessions`, {});
  assert.equal(dig(data, 'revoked'), 2);
  assert.equal((await waiting.session()).status, 410);
  await assertVoid(waiting, code);
  const reset = await server.app().post('auth/password/reset', { key, password: NEW });
  assert.deepEqual(reset.errorCodes, ['key:invalid_password_reset']);
});

test('a login that waits ends with all sessions of a user who is deactivated', async (t) => {
  const server = await adminServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: false });
  const { email, id } = await newPerson(server);
  const waiting = server.app();
  await waiting.post('auth/code/request', { email });
  const { code } = await server.mail.wait(email);
  assert.equal((await server.admin.patch(`${API}/users/${id}`, { is_active: false })).status, 200);
  assert.equal((await waiting.session()).status, 410);
  await assertVoid(waiting, code);
});

test('a reset link, a reset code and a login code are void once the address was removed, or another is the primary one', async (t) => {
  for (const settings of [{}, { ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true }] satisfies Config[]) {
    for (const change of ['removed', 'primary'] as const) {
      const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'none', ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ...settings });
      const [email, second] = [newEmail(), newEmail()];
      const owner = server.app();
      await owner.signup(email);
      await owner.post('account/email', { email: second });
      assert.equal((await owner.post('auth/email/verify', { key: (await server.mail.wait(second)).key })).status, 200);
      const asking = server.app();
      await asking.post('auth/password/request', { email: second });
      const reset = await server.mail.wait(second);
      const login = server.app();
      await login.post('auth/code/request', { email: second });
      const { code } = await server.mail.wait(second);
      const changed =
        change === 'removed'
          ? await owner.delete('account/email', { email: second })
          : await owner.patch('account/email', { email: second, primary: true });
      assert.equal(changed.status, 200);
      const refused = await asking.post('auth/password/reset', { key: reset.key || reset.code, password: NEW });
      assert.equal(refused.status, settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED ? 409 : 400, `${change} ${refused.text}`);
      await assertVoid(login, code);
      assert.equal((await owner.session()).status, 200, 'the request that raises the counter keeps its own session');
      assert.equal((await server.app().login(email)).status, 200);
    }
  }
});

test('adding an address and verifying the first one void nothing', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: false });
  const { app: owner, email } = await newPerson({ ...server, admin: server.browser() } as never);
  const waiting = server.app();
  await waiting.post('auth/code/request', { email });
  const { code } = await server.mail.wait(email);
  await owner.post('account/email', { email: newEmail() });
  assert.equal((await waiting.post('auth/code/confirm', { code })).status, 200);
});

test('a signup that corrects its address goes on, and what was begun elsewhere with the first one does not', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
    ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: true,
  });
  const [wrong, right] = [newEmail(), newEmail()];
  const app = server.app();
  await app.signup(wrong);
  await server.mail.wait(wrong);
  const elsewhere = server.app();
  assert.deepEqual(pendingFlows(await elsewhere.login(wrong)), ['verify_email']);
  await app.post('account/email', { email: right });
  assert.deepEqual(pendingFlows(await app.session()), ['verify_email'], 'the request that raises the counter takes its own login along');
  assert.deepEqual(pendingFlows(await elsewhere.session()), []);
  const verified = await app.post('auth/email/verify', { key: (await server.mail.wait(right)).code });
  assert.equal(verified.status, 200, verified.text);
});

test('no login by the old password survives a reset that it races', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const email = newEmail();
  await server.app().signup(email);
  for (let round = 0; round < 8; round += 1) {
    const [before, after] = [round === 0 ? PASSWORD : `round-Pass-${round - 1}-word`, `round-Pass-${round}-word`];
    await server.app().post('auth/password/request', { email });
    const { key } = await server.mail.wait(email);
    const logins = Array.from({ length: 10 }, () => server.app());
    const [reset] = await Promise.all([
      server.app().post('auth/password/reset', { key, password: after }),
      ...logins.map((app) => app.login(email, before)),
    ]);
    if (reset.status === 401) assert.equal(await liveSessions(server, email), 0, `round ${round}`);
    else return; // a login before the reset voided its key, as in django-allauth
  }
});

test('no login by the old password survives a change that it races', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const email = newEmail();
  const owner = server.app();
  await owner.signup(email);
  for (let round = 0; round < 12; round += 1) {
    const [current_password, new_password] = [round === 0 ? PASSWORD : `round-Pass-${round - 1}-word`, `round-Pass-${round}-word`];
    const logins = Array.from({ length: 4 }, () => server.app());
    const [change] = await Promise.all([
      owner.post('account/password/change', { current_password, new_password }, { auth: 'session' }),
      ...logins.map((app) => app.login(email, current_password)),
    ]);
    assert.equal(change.status, 200, change.text);
    assert.equal(await liveSessions(server, email), 1, `round ${round}`);
  }
});
