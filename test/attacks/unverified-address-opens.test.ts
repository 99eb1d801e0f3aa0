import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { CommandFailed } from '../../src/cli/failure.ts';
import { requireUser } from '../../src/cli/accounts.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';

// A user adds an address and mistypes it, or adds a stranger's on purpose. Whoever reads that mailbox must not get into the account.

const SETTINGS: Config = { ACCOUNT_LOGIN_BY_CODE_ENABLED: true };

/** A user with a verified address and one that was added and never verified. */
async function newUser(server: TestServer): Promise<{ app: AppClient; email: string; added: string }> {
  const [email, added] = [newEmail(), newEmail()];
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  const app = server.app();
  assert.equal((await app.login(email)).status, 200);
  assert.equal((await app.post('account/email', { email: added })).status, 200);
  await server.mail.wait(added);
  return { app, email, added };
}

/** No mail to the address has a code or a link that opens an account. */
async function assertMailsNothing(server: TestServer, address: string): Promise<void> {
  const mail = await server.mail.wait(address);
  assert.deepEqual([mail.code, mail.key], ['', ''], mail.subject);
}

for (const byCode of [false, true]) {
  test(`an unverified secondary address resets no password (by ${byCode ? 'code' : 'link'})`, async (t) => {
    const server = await testServer(t, { ...SETTINGS, ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: byCode });
    const { app, added } = await newUser(server);
    const stranger = server.app();
    assert.equal((await stranger.post('auth/password/request', { email: added })).status, byCode ? 401 : 200);
    await assertMailsNothing(server, added);
    await app.post('auth/email/verify', { key: (await resend(server, app, added)).key });
    await stranger.post('auth/password/request', { email: added });
    const mail = await server.mail.wait(added);
    assert.notEqual(byCode ? mail.code : mail.key, '', 'a verified one does');
  });
}

async function resend(server: TestServer, app: AppClient, email: string) {
  server.clock.advance(181);
  await app.refresh();
  assert.equal((await app.put('account/email', { email })).status, 200);
  return server.mail.wait(email);
}

test('an unverified secondary address logs in by no code', async (t) => {
  const server = await testServer(t, SETTINGS);
  const { added } = await newUser(server);
  const stranger = server.app();
  assert.equal((await stranger.post('auth/code/request', { email: added })).status, 401);
  await assertMailsNothing(server, added);
});

test('an unverified secondary address names the account of a login by password while no account has the address', async (t) => {
  const server = await testServer(t, SETTINGS);
  const { added } = await newUser(server);
  assert.equal((await server.app().login(added, 'another-Pass-9-word')).status, 400);
  assert.equal((await server.app().login(added)).status, 200);
  const owner = await createUser(server.kit, { email: added, password: 'another-Pass-9-word' });
  assert.equal((await server.app().login(added)).status, 400);
  const login = await server.app().login(added, 'another-Pass-9-word');
  assert.equal((login.data as { user: { id: string } }).user.id, owner.id);
});

test('the code that follows the password goes to no unverified secondary address', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] });
  const [email, added] = [newEmail(), newEmail()];
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  const app = server.app();
  await app.login(email);
  assert.equal((await app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).status, 200);
  await app.post('account/email', { email: added });
  await server.mail.wait(added);
  assert.equal((await server.app().login(added)).status, 401);
  assert.notEqual((await server.mail.wait(email)).code, '');
  assert.deepEqual(server.mail.untaken(added), []);
});

test('the address that an account without one adds opens it once it is verified', async (t) => {
  const server = await testServer(t, {
    ...SETTINGS,
    ACCOUNT_LOGIN_METHODS: ['username', 'email'],
    ACCOUNT_SIGNUP_FIELDS: ['username*', 'password1*'],
  });
  const added = newEmail();
  const app = server.app();
  assert.equal((await app.post('auth/signup', { username: 'jane', password: PASSWORD })).status, 200);
  await app.post('account/email', { email: added });
  const { key } = await server.mail.wait(added);
  await server.app().post('auth/password/request', { email: added });
  await assertMailsNothing(server, added);
  assert.equal((await app.post('auth/email/verify', { key })).status, 200);
  assert.deepEqual((await app.get('account/email')).data, [{ email: added, verified: true, primary: true }]);
  await server.app().post('auth/password/request', { email: added });
  assert.notEqual((await server.mail.wait(added)).key, '');
});

test('an unverified number logs in by no code', async (t) => {
  class Silent {
    async send(): Promise<void> {}
  }
  const server = await testServer(t, {
    ...SETTINGS,
    SMS_SENDER: Silent,
    ACCOUNT_LOGIN_METHODS: ['email', 'phone'],
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone*', 'password1*'],
    ACCOUNT_PREVENT_ENUMERATION: false,
  });
  const phone = '+4915112345678';
  assert.equal((await server.app().signup(newEmail(), PASSWORD, { phone })).status, 401);
  assert.deepEqual((await server.app().post('auth/code/request', { phone })).errorCodes, ['phone:unknown_phone']);
});

test('a command finds no account by an unverified secondary address', async (t) => {
  const server = await testServer(t, SETTINGS);
  const { email, added } = await newUser(server);
  await assert.rejects(requireUser(server.kit, added), CommandFailed);
  assert.equal((await requireUser(server.kit, email)).email, email);
});
