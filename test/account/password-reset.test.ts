import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { outboxState } from '../../src/store/outbox.ts';
import { findUserByEmail, updateUser } from '../../src/store/users.ts';
import { testServer, type TestServer } from '../support/server.ts';

const NEW = 'fresh-Pass-8-word';
const NONE = { ACCOUNT_EMAIL_VERIFICATION: 'none' } as const;
const BY_CODE = { ...NONE, ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true } as const;

/** A user, and a key that resets the password. */
async function withKey(server: TestServer) {
  const email = newEmail();
  const owner = server.app();
  await owner.signup(email);
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  return { email, owner, key };
}

test('a reset key that is used by many at once sets one password', async (t) => {
  const server = await testServer(t, NONE);
  const { email, key } = await withKey(server);
  const passwords = Array.from({ length: 6 }, (_, index) => `fresh-Pass-${index}-word`);
  const replies = await Promise.all(passwords.map((password) => server.app().post('auth/password/reset', { key, password })));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [400, 400, 400, 400, 400, 401]);
  const winner = passwords[replies.findIndex(({ status }) => status === 401)];
  assert.equal((await server.app().login(email, winner)).status, 200);
});

test('a reset key is void after a login, another password, another primary address, and its time', async (t) => {
  const server = await testServer(t, NONE);
  const refused = async (key: string): Promise<void> => {
    assert.deepEqual((await server.app().post('auth/password/reset', { key, password: NEW })).errorCodes, ['key:invalid_password_reset']);
  };

  const login = await withKey(server);
  server.clock.advance(1);
  assert.equal((await server.app().login(login.email)).status, 200);
  await refused(login.key);

  const password = await withKey(server);
  const { owner } = password;
  const body = { current_password: PASSWORD, new_password: 'another-Pass-4-you' };
  assert.equal((await owner.post('account/password/change', body)).status, 200);
  await refused(password.key);

  const address = await withKey(server);
  const second = newEmail();
  await address.owner.post('account/email', { email: second });
  await address.owner.post('auth/email/verify', { key: (await server.mail.wait(second)).key });
  assert.equal((await address.owner.patch('account/email', { email: second, primary: true })).status, 200);
  await refused(address.key);

  const late = await withKey(server);
  server.clock.advance(3 * 86_400);
  await refused(late.key);
});

test('a weak password spends neither key nor code, and a wrong key hears of the key alone', async (t) => {
  const byLink = await testServer(t, NONE);
  const { key } = await withKey(byLink);
  const byCode = await testServer(t, BY_CODE);
  const email = newEmail();
  await byCode.app().signup(email);
  const asker = byCode.app();
  await asker.post('auth/password/request', { email });
  const { code } = await byCode.mail.wait(email);
  for (const [app, given] of [
    [byLink.app(), key],
    [asker, code],
  ] as const) {
    const reset = (path: string, password: string) => app.post('auth/password/reset', { key: path, password });
    for (let tries = 0; tries < 4; tries += 1) {
      assert.deepEqual((await reset(given, 'sh0rt~q')).errorCodes, ['password:password_too_short']);
    }
    const wrong = await reset('WRNG-WRNG', 'sh0rt~q');
    assert.deepEqual(wrong.errorCodes, [app === asker ? 'key:incorrect_code' : 'key:invalid_password_reset']);
    assert.equal((await reset(given, 'another-Pass-4-you')).status, 401);
  }
});

test('of several reset keys the others are void once one is used', async (t) => {
  const server = await testServer(t, NONE);
  const { email, key } = await withKey(server);
  await server.app().post('auth/password/request', { email });
  const second = await server.mail.wait(email);
  assert.equal((await server.app().post('auth/password/reset', { key, password: NEW })).status, 401);
  const again = await server.app().post('auth/password/reset', { key: second.key, password: 'third-Pass-3-word' });
  assert.deepEqual(again.errorCodes, ['key:invalid_password_reset']);
});

test('a reset ends all sessions: their tokens get 401 once, then 410', async (t) => {
  const server = await testServer(t, NONE);
  const { owner, key } = await withKey(server);
  await server.app().post('auth/password/reset', { key, password: NEW });
  const use = () => owner.session({ auth: 'session', keep: false });
  assert.equal((await use()).status, 401);
  assert.equal((await use()).status, 410);
  assert.equal((await owner.refresh()).status, 400);
});

test('with ACCOUNT_LOGIN_ON_PASSWORD_RESET a reset logs in', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_LOGIN_ON_PASSWORD_RESET: true });
  const { key } = await withKey(server);
  const app = server.app();
  assert.equal((await app.post('auth/password/reset', { key, password: NEW })).status, 200);
  assert.notEqual(app.accessToken, '');
});

test('the user of an inactive account gets no key, and none that was sent works', async (t) => {
  const server = await testServer(t, NONE);
  const { email, key } = await withKey(server);
  const user = await findUserByEmail(server.kit.db, email);
  await updateUser(server.kit.db, user?.id ?? '', { isActive: false });
  assert.equal((await server.app().post('auth/password/reset', { key, password: NEW })).status, 400);
  await server.app().post('auth/password/request', { email });
  assert.equal((await server.mail.wait(email)).key, '');
});

test('a reset code is bound to its session, counts guesses, and works once', async (t) => {
  const server = await testServer(t, { ...BY_CODE, ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS: 3 });
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.post('auth/password/request', { email });
  const { code } = await server.mail.wait(email);
  const thief = server.app();
  await thief.post('auth/password/request', { email: newEmail() });
  assert.deepEqual((await thief.post('auth/password/reset', { key: code, password: NEW })).errorCodes, ['key:incorrect_code']);
  const replies = await Promise.all(
    Array.from({ length: 5 }, () => app.post('auth/password/reset', { key: code, password: NEW }, { keep: false })),
  );
  assert.equal(replies.filter(({ status }) => status === 401).length, 1);
  assert.equal((await server.app().login(email, NEW)).status, 200);
});

test('parallel guesses of a reset code share its attempts', async (t) => {
  const server = await testServer(t, { ...BY_CODE, ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS: 2 });
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.post('auth/password/request', { email });
  const { code } = await server.mail.wait(email);
  const guesses = await Promise.all(
    Array.from({ length: 12 }, () => app.post('auth/password/reset', { key: 'WRNG-WRNG', password: NEW }, { keep: false })),
  );
  assert.ok(guesses.filter(({ status }) => status === 400).length <= 2);
  assert.equal((await app.post('auth/password/reset', { key: code, password: NEW })).status, 409);
});

test('a reset code is void after another login', async (t) => {
  const server = await testServer(t, BY_CODE);
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await app.post('auth/password/request', { email });
  const { code } = await server.mail.wait(email);
  server.clock.advance(1);
  await server.app().login(email);
  assert.equal((await app.post('auth/password/reset', { key: code, password: NEW })).status, 409);
});

test('an unknown address gets the same answer, and its mail has no key; none where ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS is off', async (t) => {
  for (const settings of [NONE, BY_CODE]) {
    const server = await testServer(t, { ...settings, ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS: false });
    const email = newEmail();
    await server.app().signup(email);
    const known = await server.app().post('auth/password/request', { email });
    const stranger = newEmail();
    const unknown = await server.app().post('auth/password/request', { email: stranger });
    assert.equal(unknown.status, known.status);
    assert.deepEqual(unknown.data, known.data);
    await server.mail.wait(email);
    // The mail to nobody was queued after the other and is gone once the outbox is empty.
    while ((await outboxState(server.kit.db)).waiting > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(server.mail.untaken(stranger), []);
    assert.deepEqual(server.mail.untaken(''), []);
  }
});
