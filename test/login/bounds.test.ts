import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { keyedHash } from '../../src/kit/secrets.ts';
import { raiseCredentials } from '../../src/store/credentials.ts';
import { findPasswordHash, findUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { StillClock } from '../support/still-clock.ts';

const COOKIE = 'mfa_trusted';

const stillServer = (t: TestContext, settings: Config = {}): Promise<TestServer> =>
  testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'none', ...settings }, { clock: new StillClock() });

/** A server on which a login by password waits for a mailed code. */
const codeServer = (t: TestContext, settings: Config = {}): Promise<TestServer> =>
  stillServer(t, {
    ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
    ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'],
    ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED: true,
    ACCOUNT_LOGIN_BY_CODE_TIMEOUT: 5000,
    ACCOUNT_LOGIN_TIMEOUT: 100,
    ...settings,
  });

function pendingFlows({ data }: Reply): string[] {
  const flows = (dig(data, 'flows') ?? []) as { id: string; is_pending?: boolean }[];
  return flows.filter((flow) => flow.is_pending).map(({ id }) => id);
}

function methodsOf({ data }: Reply): { method: string; at: number }[] {
  return dig(data, 'methods') as { method: string; at: number }[];
}

async function confirm(server: TestServer, app: AppClient, email: string): Promise<Reply> {
  return app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
}

test('an authentication counts as recent until ACCOUNT_REAUTHENTICATION_TIMEOUT seconds have passed', async (t) => {
  const server = await stillServer(t, { ACCOUNT_REAUTHENTICATION_REQUIRED: true, ACCOUNT_REAUTHENTICATION_TIMEOUT: 60 });
  const app = server.app();
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD });
  await app.login(email);
  const change = async () => (await app.post('account/email', { email: newEmail() }, { auth: 'session' })).status;
  server.clock.advance(59);
  assert.equal(await change(), 200);
  server.clock.advance(1);
  assert.equal(await change(), 401);
});

test('a login waits, and what it proved counts on, until ACCOUNT_LOGIN_TIMEOUT seconds have passed', async (t) => {
  const server = await codeServer(t);
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD });
  for (const [wait, proved] of [
    [99, ['password', 'password', 'code']],
    [100, ['password', 'code']],
  ] as const) {
    const app = server.app();
    assert.deepEqual(pendingFlows(await app.login(email)), ['login_by_code']);
    await server.mail.wait(email);
    server.clock.advance(wait);
    assert.deepEqual(pendingFlows(await app.session()), wait < 100 ? ['login_by_code'] : []);
    await app.login(email);
    const done = await confirm(server, app, email);
    assert.deepEqual([done.status, methodsOf(done).map(({ method }) => method)], [200, proved]);
  }
});

test('a session keeps its first method and the latest ones, 20 at most', async (t) => {
  const server = await stillServer(t);
  const app = server.app();
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD });
  const [login] = methodsOf(await app.login(email));
  const counts: number[] = [];
  for (let each = 0; each < 21; each += 1) {
    server.clock.advance(1);
    const reply = await app.post('auth/reauthenticate', { password: PASSWORD }, { auth: 'session' });
    counts.push(methodsOf(reply).length);
  }
  assert.deepEqual(counts.slice(-4), [19, 20, 20, 20]);
  const [first, ...others] = methodsOf(await app.session());
  assert.deepEqual(first, login);
  const now = server.clock.now();
  assert.deepEqual(
    others.map(({ at }) => now - at),
    Array.from({ length: 19 }, (_, index) => 18 - index),
  );
});

test('a session of an app lasts as long as its refresh token, that of a browser SESSION_COOKIE_AGE; both are bounded', async (t) => {
  for (const [settings, app, browser] of [
    [{ SESSION_COOKIE_AGE: 5000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 7000, SESSION_ABSOLUTE_AGE: null }, 7000, 5000],
    [{ SESSION_COOKIE_AGE: 5000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 700, SESSION_ABSOLUTE_AGE: null }, 5000, 5000],
    [{ SESSION_COOKIE_AGE: 5000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 7000, SESSION_ABSOLUTE_AGE: 6000 }, 6000, 5000],
  ] as const) {
    const server = await stillServer(t, settings);
    const email = newEmail();
    await createUser(server.kit, { email, password: PASSWORD });
    await server.app().login(email);
    await server.browser().login(email);
    const now = server.clock.now();
    const rows = await server.kit.db.knex<{ client: string; expires_at: number; last_seen_at: number }>('sessions').orderBy('id');
    assert.deepEqual(
      rows.map(({ client, expires_at, last_seen_at }) => [client, Number(expires_at) - now, Number(last_seen_at) - now]),
      [
        ['app', app, 0],
        ['browser', browser, 0],
      ],
    );
  }
});

test('a browser is trusted by ten users; the eleventh takes the place of the first', async (t) => {
  const server = await codeServer(t);
  const browser = server.browser();
  const emails = Array.from({ length: 11 }, newEmail);
  for (const email of emails) {
    await createUser(server.kit, { email, password: PASSWORD });
    await browser.login(email);
    await browser.post('auth/code/confirm', { code: (await server.mail.wait(email)).code });
    assert.equal((await browser.post('auth/2fa/trust', { trust: true })).status, 200);
    await browser.logout();
  }
  const statuses: number[] = [];
  for (const email of emails) {
    const reply = await browser.login(email);
    statuses.push(reply.status);
    if (reply.status === 200) await browser.logout();
  }
  assert.deepEqual(statuses, [401, ...new Array<number>(10).fill(200)]);
});

test('trust holds for MFA_TRUST_COOKIE_AGE seconds, only among the first ten of a cookie, and until the credentials change', async (t) => {
  const server = await codeServer(t, { MFA_TRUST_COOKIE_AGE: 1000 });
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, password: PASSWORD });
  const passwordHash = await findPasswordHash(server.kit.db, id);
  const at = server.clock.now();
  // The proof as every version made it for users whose credentials were never changed.
  const trust = `${at}.${keyedHash(server.kit, 'trusted browsers', JSON.stringify([id, passwordHash, at]))}`;
  const isAsked = async (cookie: string): Promise<boolean> => {
    const browser = server.browser();
    browser.cookies.set(COOKIE, cookie);
    const reply = await browser.login(email);
    if (reply.status === 200) return false;
    await server.mail.wait(email);
    return pendingFlows(reply).includes('login_by_code');
  };
  const other = `${at}.${'0'.repeat(64)}`;
  assert.equal(await isAsked([...new Array<string>(9).fill(other), trust].join('_')), false);
  assert.equal(await isAsked([...new Array<string>(10).fill(other), trust].join('_')), true);
  server.clock.advance(999);
  assert.equal(await isAsked(trust), false);
  server.clock.advance(1);
  assert.equal(await isAsked(trust), true);

  const now = server.clock.now();
  const proofOf = (parts: unknown[]): string => `${now}.${keyedHash(server.kit, 'trusted browsers', JSON.stringify(parts))}`;
  const fresh = proofOf([id, passwordHash, now]);
  assert.equal(await isAsked(fresh), false);
  await raiseCredentials(server.kit.db, id);
  assert.equal((await findUser(server.kit.db, id))?.credentialsVersion, 1);
  assert.equal(await isAsked(fresh), true);
  assert.equal(await isAsked(proofOf([id, passwordHash, now, 1])), false);
});
