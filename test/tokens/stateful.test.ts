import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateUser } from '../../src/store/users.ts';
import type { AppClient } from '../support/clients.ts';
import { deleteUser } from './support/rows.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer, type TokenServer } from './support/server.ts';

const STATEFUL = { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true };

/** What the access token opens: allauth's own endpoints, and the API behind the guard. */
async function opens(server: TokenServer, app: AppClient): Promise<[endpoints: number, guard: number]> {
  return [(await app.session({ auth: 'bearer', keep: false })).status, (await server.me(app.accessToken)).status];
}

const userOf = (app: AppClient): string => String(decode(app.accessToken).claims['sub']);

const endings: [string, (server: TokenServer, app: AppClient & { email: string }) => Promise<unknown>][] = [
  ['logging out', (_, app) => app.logout({ auth: 'session' })],
  ['logging out by access token', (_, app) => app.logout({ auth: 'bearer' })],
  ['a session that was ended from elsewhere', (server, app) => endFromElsewhere(server, app)],
  ['deactivating the user', ({ kit }, app) => updateUser(kit.db, userOf(app), { isActive: false })],
  ['deleting the user', (server, app) => deleteUser(server, userOf(app))],
];

for (const [what, end] of endings) {
  test(`after ${what}: at once where validation is stateful, else the guard lets on until the token expires`, async (t) => {
    const stateful = await tokenServer(t, STATEFUL);
    const app = await signedUp(stateful);
    assert.deepEqual(await opens(stateful, app), [200, 200]);
    await end(stateful, app);
    assert.deepEqual(await opens(stateful, app), [401, 401]);

    const stateless = await tokenServer(t);
    const other = await signedUp(stateless);
    assert.deepEqual(await opens(stateless, other), [200, 200]);
    await end(stateless, other);
    assert.deepEqual(await opens(stateless, other), [410, 200]);
    assert.equal((await other.refresh()).status, 400);
    stateless.clock.advance(300);
    assert.deepEqual(await opens(stateless, other), [401, 401]);
  });
}

test('a session that has expired before its access token', async (t) => {
  const settings = {
    HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 1000,
    HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 100,
    SESSION_COOKIE_AGE: 100,
  };
  for (const [on, expected] of [
    [true, [401, 401]],
    [false, [410, 200]],
  ] as const) {
    const server = await tokenServer(t, { ...settings, HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: on });
    const app = await signedUp(server);
    server.clock.advance(100);
    assert.deepEqual(await opens(server, app), expected);
  }
});

test('after logging out the session token gives 410 and the refresh token 400, either way', async (t) => {
  for (const settings of [{}, STATEFUL]) {
    const server = await tokenServer(t, settings);
    const app = await signedUp(server);
    const out = await app.logout();
    assert.equal(out.status, 401);
    assert.equal((await app.session({ auth: 'session' })).status, 410);
    assert.equal((await app.logout({ auth: 'session' })).status, 410);
    assert.equal((await app.refresh()).text, '{"status":400}');
  }
});

test('a user who is active again is let in again, with the same token', async (t) => {
  const server = await tokenServer(t, STATEFUL);
  const app = await signedUp(server);
  await updateUser(server.kit.db, userOf(app), { isActive: false });
  assert.deepEqual(await opens(server, app), [401, 401]);
  await updateUser(server.kit.db, userOf(app), { isActive: true });
  assert.deepEqual(await opens(server, app), [200, 200]);
});

async function endFromElsewhere(server: TokenServer, app: AppClient & { email: string }): Promise<void> {
  const elsewhere = server.app();
  assert.equal((await elsewhere.login(app.email)).status, 200);
  const sessions = (await elsewhere.get('auth/sessions')).data as { id: number; is_current: boolean }[];
  const ids = sessions.filter((each) => !each.is_current).map(({ id }) => id);
  assert.equal((await elsewhere.delete('auth/sessions', { sessions: ids })).status, 200);
  assert.deepEqual(await opens(server, elsewhere), [200, 200]);
}
