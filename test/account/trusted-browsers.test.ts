import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { findUserByEmail, updateUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD, type BrowserClient } from '../support/clients.ts';
import type { Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const SETTINGS: Config = {
  ACCOUNT_EMAIL_VERIFICATION: 'none',
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'],
  ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED: true,
};

const COOKIE = 'mfa_trusted';

/** The login up to the question whether to trust the browser. */
async function logInByCode(server: TestServer, browser: BrowserClient, email: string, password = PASSWORD): Promise<Reply> {
  assert.deepEqual(waitingFor(await browser.login(email, password)), ['login_by_code']);
  return browser.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
}

function waitingFor({ data }: Reply): string[] {
  const flows = (data as { flows?: { id: string; is_pending?: boolean }[] }).flows ?? [];
  return flows.filter((flow) => flow.is_pending === true).map(({ id }) => id);
}

/** A user with an account, logged in nowhere. */
async function newUser(server: TestServer): Promise<string> {
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  await app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
  return email;
}

test('a browser that was trusted is asked for no code; another one, and another user, are', async (t) => {
  const server = await testServer(t, SETTINGS);
  const [email, other] = [await newUser(server), await newUser(server)];
  const browser = server.browser();
  const asked = await logInByCode(server, browser, email);
  assert.deepEqual([asked.status, waitingFor(asked)], [401, ['mfa_trust']]);
  const trusted = await browser.post('auth/2fa/trust', { trust: true });
  assert.equal(trusted.status, 200, trusted.text);
  assert.match(trusted.setCookies.get(COOKIE) ?? '', /; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/);
  assert.equal((await browser.post('auth/2fa/trust', { trust: true })).status, 409, 'once');

  await browser.logout();
  assert.ok(browser.cookies.has(COOKIE), 'a logout leaves the trust');
  assert.equal((await browser.login(email)).status, 200);
  await browser.logout();
  assert.deepEqual(waitingFor(await server.browser().login(email)), ['login_by_code']);
  await server.mail.wait(email);

  await logInByCode(server, browser, other);
  await browser.post('auth/2fa/trust', { trust: true });
  for (const each of [email, other]) {
    await browser.logout();
    assert.equal((await browser.login(each)).status, 200, 'one browser is trusted by both');
  }
});

test('trust that is declined, stolen for another user, forged, or too old is none', async (t) => {
  const server = await testServer(t, SETTINGS);
  const [email, other] = [await newUser(server), await newUser(server)];
  const browser = server.browser();
  await logInByCode(server, browser, email);
  const declined = await browser.post('auth/2fa/trust', {});
  assert.deepEqual([declined.status, browser.cookies.has(COOKIE)], [200, false]);
  await browser.logout();

  await logInByCode(server, browser, email);
  assert.deepEqual((await browser.post('auth/2fa/trust', { trust: 'yes' })).errorCodes, ['trust:invalid']);
  await browser.post('auth/2fa/trust', { trust: true });
  const good = browser.cookies.get(COOKIE) ?? '';
  const [at = '', proof = ''] = good.split('.');
  await browser.logout();
  const isAsked = async (cookie: string, who = email): Promise<boolean> => {
    const client = server.browser();
    client.cookies.set(COOKIE, cookie);
    const reply = await client.login(who);
    if (reply.status === 200) return false;
    await server.mail.wait(who);
    return waitingFor(reply).includes('login_by_code');
  };
  assert.equal(await isAsked(good), false);
  assert.equal(await isAsked(good, other), true);
  for (const forged of ['', '_', '.', `${Number(at) + 1}.${proof}`, `${at}.${'0'.repeat(64)}`, `${at}.`, 'x'.repeat(4000), '%00'])
    assert.equal(await isAsked(forged), true, forged.slice(0, 80));
  server.clock.advance(14 * 86_400);
  assert.equal(await isAsked(good), true);
});

test('another password voids the trust', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = await newUser(server);
  const browser = server.browser();
  await logInByCode(server, browser, email);
  await browser.post('auth/2fa/trust', { trust: true });
  const next = `${PASSWORD}-next`;
  await browser.post('account/password/change', { current_password: PASSWORD, new_password: next });
  await browser.logout();
  assert.deepEqual(waitingFor(await browser.login(email, next)), ['login_by_code']);
});

test('who asks for a code by address needs it also in a trusted browser, and is not asked about trust', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = await newUser(server);
  const browser = server.browser();
  await logInByCode(server, browser, email);
  await browser.post('auth/2fa/trust', { trust: true });
  await browser.logout();
  assert.deepEqual(waitingFor(await browser.post('auth/code/request', { email })), ['login_by_code']);
  assert.equal((await browser.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).status, 200);
});

test('apps are not asked, and trust nothing; off there is no such endpoint', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = await newUser(server);
  const app = server.app();
  await app.login(email);
  assert.equal((await app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).status, 200);
  assert.equal((await app.post('auth/2fa/trust', { trust: true })).status, 404);

  const off = await testServer(t, { ...SETTINGS, ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED: false });
  const browser = off.browser();
  const name = await newUser(off);
  assert.equal((await logInByCode(off, browser, name)).status, 200);
  assert.equal((await browser.post('auth/2fa/trust', { trust: true })).status, 404);
});

test('an app that sends the cookie of a trusted browser is asked for a code all the same', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = await newUser(server);
  const browser = server.browser();
  await logInByCode(server, browser, email);
  await browser.post('auth/2fa/trust', { trust: true });
  const headers = { Cookie: `${COOKIE}=${browser.cookies.get(COOKIE) ?? ''}` };
  const other = server.browser();
  other.cookies.set(COOKIE, browser.cookies.get(COOKIE) ?? '');
  assert.equal((await other.login(email)).status, 200, 'the cookie is good');
  const app = server.app();
  assert.deepEqual(waitingFor(await app.post('auth/login', { email, password: PASSWORD }, { headers })), ['login_by_code']);
});

test('a login that waits for the answer is nobody’s yet, and over when the user is deactivated', async (t) => {
  const server = await testServer(t, SETTINGS);
  const email = await newUser(server);
  const browser = server.browser();
  await logInByCode(server, browser, email);
  assert.equal((await browser.get('account/email')).status, 401);
  const user = await findUserByEmail(server.kit.db, email);
  await updateUser(server.kit.db, user?.id ?? '', { isActive: false });
  const reply = await browser.post('auth/2fa/trust', { trust: true });
  assert.deepEqual([reply.status, reply.setCookies.has(COOKIE)], [409, false]);
});
