import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { areas } from '../../src/areas.ts';
import { API, adminServer, newPerson } from '../admin/support.ts';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { CHECKOUT } from '../support/program.ts';
import type { Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { keyFor } from '../tokens/support/jwt.ts';

// The attacker holds an old token of a staff user, which opens the account and not the admin API, and looks for a way to make it a fresh one.

const NEW = 'fresh-Pass-8-word';

/** The access token has expired by then. */
const LATER = { auth: 'session' } as const;

/** Longer than ACCOUNT_REAUTHENTICATION_TIMEOUT. */
const STALE = 301;

interface Power {
  readonly endpoint: string;
  readonly gate: string;
}

/** The rows of docs/powers.md. */
const POWERS: readonly Power[] = readFileSync(join(CHECKOUT, 'docs/powers.md'), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, endpoint = '']) => /^[A-Z]+ \//.test(endpoint))
  .map(([, endpoint = '', , gate = '']) => ({ endpoint, gate }));

const SETTINGS: Config = {
  ACCOUNT_LOGIN_METHODS: ['email', 'phone'],
  ACCOUNT_SIGNUP_FIELDS: ['email*', 'phone', 'password1*'],
  ACCOUNT_EMAIL_VERIFICATION: 'optional',
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  SMS_SENDER: class {
    async send(): Promise<void> {}
  },
};

/** Requests that would do what the endpoint is for; `second` is another address of the user. */
const BODIES: Readonly<Record<string, (second: string) => object | undefined>> = {
  'POST /account/password/change': () => ({ new_password: NEW }),
  'POST /account/email': () => ({ email: newEmail() }),
  'PATCH /account/email': (second) => ({ email: second, primary: true }),
  'DELETE /account/email': (second) => ({ email: second }),
  'POST /account/phone': () => ({ phone: '+4915112345678' }),
  'DELETE /account': () => undefined,
  'GET /account/export': () => undefined,
};

async function newUser(
  server: TestServer,
  more: { isStaff?: boolean; password?: string | null } = {},
): Promise<{ app: AppClient; email: string }> {
  const { isStaff = true, password = PASSWORD } = more;
  const email = newEmail();
  await createUser(server.kit, { email, password, isStaff, verified: true });
  const app = server.app();
  if (password === null) {
    await app.post('auth/code/request', { email });
    assert.equal((await app.post('auth/code/confirm', { code: (await server.mail.wait(email)).code })).status, 200);
  } else assert.equal((await app.login(email)).status, 200);
  return { app, email };
}

async function callLater(server: TestServer, app: AppClient, endpoint: string): Promise<Reply> {
  const second = newEmail();
  assert.equal((await app.post('account/email', { email: second })).status, 200);
  await app.post('auth/email/verify', { key: (await server.mail.wait(second)).key });
  server.clock.advance(STALE);
  const [method = '', path = ''] = endpoint.split(' ');
  return app.send(method, path.slice(1), BODIES[endpoint]?.(second), LATER);
}

function assertGated(reply: Reply, what: string): void {
  assert.equal(reply.status, 401, `${what}: ${reply.status} ${reply.text}`);
  assert.match(reply.text, /"is_authenticated":true/, `${what}: authenticated, but not recently`);
}

test('docs/powers.md names each endpoint that changes something, and what the server asks for', () => {
  const routes = areas
    .flatMap(({ endpoints }) => endpoints)
    .map(({ route }) => route)
    .filter((route) => !route.startsWith('GET '));
  const listed = POWERS.map(({ endpoint }) => endpoint).filter((endpoint) => !endpoint.startsWith('GET '));
  assert.deepEqual([...listed].sort(), [...routes].sort());
  for (const { endpoint, gate } of POWERS) assert.match(gate, /^(always|staff|itself|none)\b/, endpoint);
});

test('a stale token of staff changes no credential, address or number, and neither deletes nor exports the account', async (t) => {
  const server = await testServer(t, SETTINGS);
  const gated = POWERS.filter(({ endpoint, gate }) => endpoint in BODIES && /\b(staff|always)$/.test(gate));
  assert.equal(gated.length, Object.keys(BODIES).length);
  for (const { endpoint } of gated) {
    const { app } = await newUser(server, { password: endpoint.includes('password') ? null : PASSWORD });
    assertGated(await callLater(server, app, endpoint), endpoint);
  }
});

test('other users are asked for it where the settings say so, and always before they delete or export the account', async (t) => {
  const server = await testServer(t, SETTINGS);
  for (const { endpoint, gate } of POWERS.filter((each) => each.endpoint in BODIES)) {
    const { app } = await newUser(server, { isStaff: false });
    const { status, text } = await callLater(server, app, endpoint);
    if (gate === 'always') assert.equal(status, 401, endpoint);
    else assert.notEqual(status, 401, `${endpoint}: ${text}`);
  }
});

test('the shorter of the two timeouts counts for staff', async (t) => {
  for (const [admin, account, passes, fails] of [
    [900, 300, 299, 300],
    [60, 300, 59, 60],
  ] as const) {
    const timeouts = { ADMIN_REAUTHENTICATION_TIMEOUT: admin, ACCOUNT_REAUTHENTICATION_TIMEOUT: account };
    const server = await testServer(t, { ...SETTINGS, ...timeouts });
    const { app } = await newUser(server);
    server.clock.advance(passes);
    assert.equal((await app.post('account/email', { email: newEmail() }, LATER)).status, 200);
    server.clock.advance(fails - passes);
    assertGated(await app.post('account/email', { email: newEmail() }, LATER), `after ${fails} s`);
    assert.equal((await app.post('auth/reauthenticate', { password: PASSWORD }, LATER)).status, 200);
    assert.equal((await app.post('account/email', { email: newEmail() }, LATER)).status, 200);
  }
});

test('a stale staff user without a password gets none, and so no means to reauthenticate', async (t) => {
  const server = await testServer(t, SETTINGS);
  const { app } = await newUser(server, { password: null });
  server.clock.advance(STALE);
  assertGated(await app.post('account/password/change', { new_password: NEW }, LATER), 'a first password');
  assert.notEqual((await app.post('auth/reauthenticate', { password: NEW }, LATER)).status, 200);
});

test('the admin API takes no access token unless ADMIN_BEARER_ENABLED', async (t) => {
  const server = await adminServer(t);
  const { app } = await newUser(server);
  const { sid } = await newPerson(server);
  for (const auth of ['bearer', 'both', 'session'] as const) {
    assert.equal((await app.get(`${API}/sessions`, { auth, keep: false })).status, 401, auth);
    const { status } = await app.delete(`${API}/sessions/${sid}`, undefined, { auth, keep: false });
    assert.equal(status, 401, auth);
  }
  const enabled = await adminServer(t, { ADMIN_BEARER_ENABLED: true });
  const staff = await newUser(enabled);
  assert.equal((await staff.app.get(`${API}/sessions`, { auth: 'bearer' })).status, 200);
  const waiting = enabled.app();
  waiting.accessToken = 'x';
  waiting.sessionToken = staff.app.sessionToken;
  assert.equal((await waiting.get(`${API}/sessions`, { auth: 'both', keep: false })).status, 401, 'a session token does not count there');
});

test('an access token for another service does not open the admin API', async (t) => {
  const issuer = 'https://auth.example.org';
  const cases: [Config, number][] = [
    [{ HEADLESS_JWT_AUDIENCE: 'https://orders.example.org', HEADLESS_JWT_ISSUER: issuer }, 401],
    [{ HEADLESS_JWT_AUDIENCE: ['https://orders.example.org', issuer], HEADLESS_JWT_ISSUER: issuer }, 200],
    [{ HEADLESS_JWT_AUDIENCE: issuer }, 401],
    [{ HEADLESS_JWT_ISSUER: issuer }, 200],
  ];
  for (const [settings, status] of cases) {
    const server = await adminServer(t, { ADMIN_BEARER_ENABLED: true, ...settings });
    const { app } = await newUser(server);
    for (const { route, outside } of areas.flatMap(({ endpoints }) => endpoints)) {
      if (!outside) continue;
      const [method = '', path = ''] = route.split(' ');
      const at = `${API}${path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000')}`;
      const reply = await app.send(method, at, method === 'GET' ? undefined : {}, { auth: 'bearer', keep: false });
      assert.equal(reply.status === 401, status === 401, `${route}, ${JSON.stringify(settings)}: ${reply.status}`);
    }
    assert.equal((await app.session({ auth: 'bearer' })).status, 200, 'the headless API takes it');
  }
});

test("an access token of a browser's session opens nothing", async (t) => {
  const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), ADMIN_BEARER_ENABLED: true });
  const { app } = await newUser(server);
  assert.equal((await app.session({ auth: 'bearer' })).status, 200);
  // As a strategy that signs tokens for browsers too would do.
  const [sid = ''] = app.sessionToken.split('.');
  await server.kit.db.transaction((db) => db.knex('sessions').where({ sid }).update({ client: 'browser' }));
  assert.equal((await app.session({ auth: 'bearer', keep: false })).status, 410);
  assert.equal((await app.get('account/email', { auth: 'bearer', keep: false })).status, 410);
  assert.equal((await app.get(`${API}/sessions`, { auth: 'bearer', keep: false })).status, 410);
});
