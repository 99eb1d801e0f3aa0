import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';

// The attacker has the server send mail after mail to somebody, or learns from a mail whether an address has an account.

/** The limits as they are, but for those that count the requests of one address. */
const LIMITS: Config['ACCOUNT_RATE_LIMITS'] = {
  signup: false,
  login: false,
  login_failed: false,
  request_login_code: false,
  manage_email: false,
};

const BY_CODE: Config = {
  ACCOUNT_RATE_LIMITS: LIMITS,
  ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
  ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
  ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: true,
  ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND: true,
};

const mailsTo = (server: TestServer, address: string): number => server.mail.all.filter(({ to }) => to === address).length;

test('a signup that changes its address to a stranger’s sends one mail, and refuses the others before it sends or stores anything', async (t) => {
  const server = await testServer(t, { ...BY_CODE, ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: 40 });
  const taken = newEmail();
  await createUser(server.kit, { email: taken, password: PASSWORD, verified: true });
  for (const stranger of [newEmail(), taken]) {
    const app = server.app();
    await app.signup(newEmail());
    const statuses: number[] = [];
    for (let count = 0; count < 20; count += 1) statuses.push((await app.post('account/email', { email: stranger })).status);
    const passed = statuses.filter((status) => status !== 429).length;
    assert.ok(passed >= 1 && passed <= 2, statuses.join());
    await server.mail.wait(stranger);
    assert.ok(mailsTo(server, stranger) <= passed, `${mailsTo(server, stranger)} mails`);
  }
});

test('with a code required, neither signups nor logins flood an address', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_RATE_LIMITS: LIMITS,
    ACCOUNT_EMAIL_VERIFICATION: 'none',
    ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
    ACCOUNT_LOGIN_BY_CODE_REQUIRED: true,
    ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND: 50,
  });
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, verified: true });
  const statuses: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    statuses.push((await server.app().signup(email)).status);
    const app = server.app();
    const login = await app.login(email);
    statuses.push(login.errorCodes.includes(':too_many_login_attempts') ? 429 : login.status);
    statuses.push((await app.post('auth/code/resend')).status);
  }
  assert.ok(statuses.includes(429), statuses.join());
  await server.mail.wait(email);
  assert.ok(mailsTo(server, email) <= 10, `${mailsTo(server, email)} mails in a minute`);
  server.clock.advance(3600);
  assert.equal((await server.app().login(email)).status, 401, 'in the next hour it goes on');
});

test('a mail to one’s own address does not tell whether another address has an account', async (t) => {
  const server = await testServer(t, BY_CODE);
  const [taken, free] = [newEmail(), newEmail()];
  await createUser(server.kit, { email: taken, password: PASSWORD, verified: true });
  const seen: unknown[] = [];
  for (const target of [taken, free]) {
    const own = newEmail();
    const app = server.app();
    await app.signup(own);
    await server.mail.wait(own);
    const changed = await app.post('account/email', { email: target });
    server.clock.advance(200);
    const resent = await app.post('auth/email/verify/resend');
    const again = await app.get('auth/session');
    await server.mail.wait(target);
    seen.push([changed.status, resent.status, again.status, again.flowIds, mailsTo(server, own)]);
  }
  assert.deepEqual(seen[0], seen[1]);
});

test('a signup that tried a taken address can still have a free one, and be completed', async (t) => {
  const server = await testServer(t, BY_CODE);
  const [taken, free, own] = [newEmail(), newEmail(), newEmail()];
  await createUser(server.kit, { email: taken, password: PASSWORD, verified: true });
  const app = server.app();
  await app.signup(own);
  assert.equal((await app.post('account/email', { email: taken })).status, 401);
  const changed = await app.post('account/email', { email: free });
  assert.equal(changed.status, 401, changed.text);
  const done = await app.post('auth/email/verify', { key: (await server.mail.wait(free)).code }, { auth: 'session' });
  assert.equal(done.status, 200, done.text);
  assert.ok(done.text.includes(free) && !done.text.includes(taken));
});
