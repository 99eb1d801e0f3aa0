import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { JWTTokenStrategy } from 'allauth-kit/plugin';
import { defer } from '../support/cleanup.ts';
import { newEmail } from '../support/clients.ts';
import { POSTGRESQL, testDatabase } from '../support/database.ts';
import { onPostgresql } from '../support/postgresql.ts';
import { liveSessions, onlySession } from './support/rows.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

/** What its `getClaims` does is the test's to say. */
class FragileStrategy extends JWTTokenStrategy {
  static claims: () => unknown = () => ({});

  override async getClaims(): Promise<Record<string, unknown>> {
    return FragileStrategy.claims() as Record<string, unknown>;
  }
}

const faults: Record<string, () => unknown> = {
  'an exception': () => {
    throw new Error('the directory is down');
  },
  'a function as claim': () => ({ role: () => 'admin' }),
  'a BigInt as claim': () => ({ number: 1n }),
  'a circle': () => {
    const claims: Record<string, unknown> = {};
    claims['self'] = claims;
    return claims;
  },
};

for (const HEADLESS_JWT_ROTATE_REFRESH_TOKEN of [true, false]) {
  test(`claims that cannot be signed cost no refresh token (rotation ${HEADLESS_JWT_ROTATE_REFRESH_TOKEN})`, async (t) => {
    const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: FragileStrategy, HEADLESS_JWT_ROTATE_REFRESH_TOKEN });
    FragileStrategy.claims = () => ({});
    const app = await signedUp(server);
    for (const [what, fault] of Object.entries(faults)) {
      FragileStrategy.claims = fault;
      const { status, text } = await app.refresh();
      assert.deepEqual([status, text], [500, '{"status":500}'], what);
    }
    assert.ok(server.log.some((line) => line.includes('the directory is down')));
    FragileStrategy.claims = () => ({ role: 'editor' });
    assert.equal((await app.refresh()).status, 200);
    assert.equal(decode(app.accessToken).claims['role'], 'editor');
  });
}

test('claims that are nothing are no claims', async (t) => {
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: FragileStrategy });
  for (const none of [undefined, null]) {
    FragileStrategy.claims = () => none;
    const app = await signedUp(server);
    assert.equal((await server.me(app.accessToken)).status, 200);
  }
});

test('a login whose claims cannot be signed leaves no live session', async (t) => {
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: FragileStrategy });
  const email = newEmail();
  for (const fault of Object.values(faults)) {
    FragileStrategy.claims = fault;
    const app = server.app();
    const reply = (await app.signup(email)).status === 500 ? { status: 500 } : await app.login(email);
    assert.equal(reply.status, 500);
    assert.equal(app.sessionToken, '');
    assert.deepEqual(await liveSessions(server), []);
  }
  FragileStrategy.claims = () => ({});
  assert.equal((await server.app().login(email)).status, 200, 'the account is there');
  await onlySession(server);
});

test(
  'a database that is away: 503 with Retry-After, and the token works when it is back',
  { skip: POSTGRESQL !== null && 'SQLite' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'allauth-away-'));
    defer(t, () => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'data'));
    const server = await tokenServer(t, { DATABASE: `sqlite://${folder}/data/app.sqlite3` });
    const app = await signedUp(server);
    renameSync(join(folder, 'data'), join(folder, 'elsewhere'));
    for (const { status, headers, text } of [await app.refresh(), await app.session({ auth: 'session' }), await app.refresh()]) {
      assert.deepEqual([status, text], [503, '{"status":503}']);
      assert.match(headers['retry-after'] ?? '', /^\d+$/);
    }
    renameSync(join(folder, 'elsewhere'), join(folder, 'data'));
    assert.equal((await app.refresh()).status, 200);
    assert.equal((await app.session({ auth: 'session' })).status, 200);
  },
);

test('connections that PostgreSQL ends: 503 or 200, never 4xx', { skip: POSTGRESQL === null && 'PostgreSQL' }, async (t) => {
  assert.ok(POSTGRESQL);
  const DATABASE = await testDatabase(t);
  const name = `allauth-${process.pid}`;
  const connection = { connectionString: POSTGRESQL, application_name: name };
  const server = await tokenServer(t, { DATABASE: { ...(DATABASE as object), client: 'pg', connection } });
  const app = await signedUp(server);
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${name}'`;
  for (let round = 0; round < 5; round++) {
    const [reply] = await Promise.all([app.refresh(), onPostgresql(end)]);
    assert.ok([200, 503].includes(reply.status), reply.text);
    if (reply.status === 503) assert.match(reply.headers['retry-after'] ?? '', /^\d+$/);
    // A rotation whose answer was lost has happened all the same: the session then goes on by its session token.
    assert.ok([200, 503].includes((await app.session({ auth: 'session' })).status));
  }
});

test('a database that is closed: 503 for everybody, also on the guard where validation is stateful', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true });
  const app = await signedUp(server);
  await server.kit.db.close();
  for (const reply of [await app.refresh(), await app.session({ auth: 'bearer' }), await server.me(app.accessToken)]) {
    assert.equal(reply.status, 503);
    assert.match(reply.headers['retry-after'] ?? '', /^\d+$/);
  }
});
