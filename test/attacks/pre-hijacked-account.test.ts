import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { findUserByEmail, listEmails } from '../../src/store/users.ts';
import { findPhoneOf, putVerifiedPhone } from '../../src/store/phones.ts';
import { listSessions } from '../../src/store/sessions.ts';
import { API, adminServer, newAdmin } from '../admin/support.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

// An attacker signs up with the address of a victim, keeps the session, the password, and further addresses and numbers, and waits until the
// victim opens the account by that address and uses it.

const NEW = 'victim-Pass-5-word';

const SETTINGS: Config = { ACCOUNT_EMAIL_VERIFICATION: 'optional', ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_RATE_LIMITS: false };

interface Trap {
  victim: string;
  /** A second address, which the attacker has verified. */
  second: string;
  phone: string;
  attacker: AppClient;
  userId: string;
}

/** An account that was signed up with the address of the victim. */
async function trap(server: TestServer): Promise<Trap> {
  const [victim, second, phone] = [newEmail(), newEmail(), '+4915112345678'];
  const attacker = server.app();
  assert.equal((await attacker.signup(victim)).status, 200);
  await server.mail.wait(victim);
  await attacker.post('account/email', { email: second });
  assert.equal((await attacker.post('auth/email/verify', { key: (await server.mail.wait(second)).key })).status, 200);
  const userId = (await findUserByEmail(server.kit.db, victim))?.id ?? '';
  await server.kit.db.transaction((db) => putVerifiedPhone(db, userId, phone, server.kit.now()));
  return { victim, second, phone, attacker, userId };
}

async function openByCode(server: TestServer, email: string, app = server.app()): Promise<Reply> {
  await app.post('auth/code/request', { email });
  return app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
}

async function openByReset(server: TestServer, email: string, password = NEW): Promise<Reply> {
  const app = server.app();
  await app.post('auth/password/request', { email });
  const { key, code } = await server.mail.wait(email);
  return app.post('auth/password/reset', { key: key || code, password });
}

async function liveSessions(server: TestServer, userId: string): Promise<number> {
  return (await listSessions(server.kit.db, userId, server.kit.now())).length;
}

async function addressesOf(server: TestServer, userId: string): Promise<string[]> {
  return (await listEmails(server.kit.db, userId)).map(({ email }) => email);
}

async function events(server: TestServer, userId: string, type: string): Promise<object[]> {
  const admin = await newAdmin(server);
  return (await admin.get(`${API}/audit?event=${type}&user=${userId}`)).data as object[];
}

/** Nothing that the attacker had opens the account any more. */
async function assertVoided(server: TestServer, { victim, second, attacker, userId }: Trap): Promise<void> {
  assert.notEqual((await attacker.session({ auth: 'session' })).status, 200);
  assert.equal((await attacker.refresh()).status, 400);
  assert.equal((await server.app().login(victim)).status, 400);
  assert.deepEqual(await addressesOf(server, userId), [victim]);
  assert.equal(await findPhoneOf(server.kit.db, userId), null);
  await server.app().post('auth/password/request', { email: second });
  assert.equal((await server.mail.wait(second)).key, '');
}

test('the first login by code voids what whoever signed up has', async (t) => {
  const server = await testServer(t, SETTINGS);
  const trapped = await trap(server);
  const app = server.app();
  const reply = await openByCode(server, trapped.victim, app);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(dig(reply.data, 'user', 'has_usable_password'), false);
  assert.equal(await liveSessions(server, trapped.userId), 1);
  assert.equal((await app.session()).status, 200);
  await assertVoided(server, trapped);
  assert.match((await server.mail.wait(trapped.victim)).subject, /was secured/);
  const [event, ...more] = await events(server, trapped.userId, 'account_reclaimed');
  const { victim: email, phone } = trapped;
  const voided = ['password', 'sessions', 'addresses', 'phone'];
  assert.deepEqual([dig(event, 'details'), more], [{ email, by: 'code', voided, phone }, []]);
  assert.equal((await events(server, trapped.userId, 'email_removed')).length, 1);
});

for (const byCode of [false, true]) {
  test(`the first reset voids what whoever signed up has (by ${byCode ? 'code' : 'link'})`, async (t) => {
    const server = await testServer(t, { ...SETTINGS, ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: byCode });
    const trapped = await trap(server);
    assert.equal((await openByReset(server, trapped.victim)).status, 401);
    assert.match((await server.mail.wait(trapped.victim)).subject, /was secured/);
    assert.equal(await liveSessions(server, trapped.userId), 0);
    assert.notEqual((await trapped.attacker.session({ auth: 'session' })).status, 200);
    assert.deepEqual(await addressesOf(server, trapped.userId), [trapped.victim]);
    assert.equal(await findPhoneOf(server.kit.db, trapped.userId), null);
    assert.equal((await server.app().login(trapped.victim)).status, 400);
    assert.equal((await server.app().login(trapped.victim, NEW)).status, 200);
    assert.equal((await events(server, trapped.userId, 'account_reclaimed')).length, 1);
  });
}

test('the second opening voids nothing', async (t) => {
  const server = await testServer(t, SETTINGS);
  const { victim, userId } = await trap(server);
  await openByReset(server, victim);
  const app = server.app();
  await app.login(victim, NEW);
  const added = newEmail();
  await app.post('account/email', { email: added });
  await server.mail.wait(victim);
  assert.equal((await openByReset(server, victim, `${NEW}-2`)).status, 401);
  assert.deepEqual(await addressesOf(server, userId), [victim, added]);
  assert.equal((await openByCode(server, victim)).status, 200);
  assert.deepEqual(await addressesOf(server, userId), [victim, added]);
  assert.equal((await server.app().login(victim, `${NEW}-2`)).status, 200);
});

test('an attacker who opens the account by another primary address does not keep it', async (t) => {
  const server = await testServer(t, SETTINGS);
  const [victim, own] = [newEmail(), newEmail()];
  const attacker = server.app();
  await attacker.signup(victim);
  await server.mail.wait(victim);
  await attacker.post('account/email', { email: own });
  await server.mail.wait(own);
  assert.equal((await attacker.patch('account/email', { email: own, primary: true })).status, 200);
  await openByReset(server, own);
  const again = server.app();
  await again.login(own, NEW);
  await again.post('account/email', { email: victim });
  assert.equal((await again.patch('account/email', { email: victim, primary: true })).status, 200);
  await server.mail.wait(victim);
  assert.equal((await openByCode(server, victim)).status, 200);
  assert.equal((await server.app().login(victim, NEW)).status, 400);
  assert.notEqual((await again.session({ auth: 'session' })).status, 200);
});

test('a login that waits with the old password is void, with mandatory verification', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_EMAIL_VERIFICATION: 'mandatory' });
  const victim = newEmail();
  const attacker = server.app();
  assert.equal((await attacker.signup(victim)).status, 401);
  const { key } = await server.mail.wait(victim);
  assert.equal((await openByCode(server, victim)).status, 200);
  await attacker.post('auth/email/verify', { key });
  assert.notEqual((await attacker.session()).status, 200);
  assert.equal((await server.app().login(victim)).status, 400);
});

test('whoever proved the password in the same login keeps it', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] });
  const email = newEmail();
  const app = server.app();
  assert.equal((await app.signup(email)).status, 401);
  assert.equal((await app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).status, 200);
  assert.equal((await server.app().login(email)).status, 401, 'waits for a code, so the password is right');
  const second = newEmail();
  const waiting = server.app();
  await waiting.signup(second);
  await server.mail.wait(second);
  assert.equal((await openByCode(server, second, waiting)).status, 200, 'a code that is requested while the signup waits');
  assert.equal((await server.app().login(second)).status, 401);
});

test('a waiting login of another user proves nothing', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] });
  const [victim, other] = [newEmail(), newEmail()];
  await server.app().signup(victim);
  await server.mail.wait(victim);
  const app = server.app();
  await app.signup(other);
  await openByCode(server, victim, app);
  assert.equal((await server.app().login(victim)).status, 400);
});

test('confirming a verification link does not open the account', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  await server.app().post('auth/email/verify', { key: (await server.mail.wait(email)).key });
  assert.equal((await openByCode(server, email)).status, 200);
  assert.equal((await app.session()).status, 200);
  assert.equal((await server.app().login(email)).status, 200);
});

test('accounts made by an admin or an invitation keep what they have, but not under another address', async (t) => {
  const server = await adminServer(t, SETTINGS);
  const [made, invited, moved] = [newEmail(), newEmail(), newEmail()];
  await createUser(server.kit, { email: made, password: PASSWORD });
  assert.equal((await openByCode(server, made)).status, 200);
  assert.equal((await server.app().login(made)).status, 200);

  await server.admin.post(`${API}/users`, { email: invited, invite: true });
  const { key } = await server.mail.wait(invited);
  assert.equal((await server.app().post('auth/password/reset', { key, password: PASSWORD })).status, 401);
  assert.equal((await openByCode(server, invited)).status, 200);
  assert.equal((await server.app().login(invited)).status, 200);

  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD });
  const app = server.app();
  await app.login(email);
  await app.post('account/email', { email: moved });
  assert.equal((await app.patch('account/email', { email: moved, primary: true })).status, 200);
  await server.mail.wait(moved);
  assert.equal((await openByCode(server, moved)).status, 200);
  assert.equal((await server.app().login(moved)).status, 400);
});

test('without verification of addresses nothing is voided', async (t) => {
  const server = await testServer(t, { ...SETTINGS, ACCOUNT_EMAIL_VERIFICATION: 'none' });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  assert.equal((await openByCode(server, email)).status, 200);
  assert.equal((await app.session()).status, 200);
  assert.equal((await server.app().login(email)).status, 200);
});

test('no login by the old password survives a first opening that it races', async (t) => {
  const server = await testServer(t, SETTINGS);
  for (let round = 0; round < 6; round += 1) {
    const email = newEmail();
    await server.app().signup(email);
    await server.mail.wait(email);
    const openings = [server.app(), server.app()];
    const codes: string[] = [];
    for (const app of openings) {
      await app.post('auth/code/request', { email });
      codes.push((await server.mail.wait(email)).code);
    }
    const logins = Array.from({ length: 4 }, () => server.app());
    const [first, second] = await Promise.all([
      ...openings.map((app, index) => app.post('auth/code/confirm', { code: codes[index] })),
      ...logins.map((app) => app.login(email)),
    ]);
    assert.equal([first, second].filter((reply) => reply?.status === 200).length, 1, `${first?.text} ${second?.text}`);
    const user = await findUserByEmail(server.kit.db, email);
    assert.deepEqual([await liveSessions(server, user?.id ?? ''), user?.hasPassword], [1, false], `round ${round}`);
  }
});
