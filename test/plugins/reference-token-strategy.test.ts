import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from 'allauth-kit/plugin';
import { updateUser } from '../../src/store/users.ts';
import { defer } from '../support/cleanup.ts';
import { POSTGRESQL } from '../support/database.ts';
import { dig } from '../support/http.ts';
import { decode } from '../tokens/support/jwt.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';

const SETTINGS = { HEADLESS_TOKEN_STRATEGY: './plugins/reference-token-strategy.ts#ReferenceTokenStrategy' };

test('its access tokens are opaque, and good for guard, endpoints and refresh', async (t) => {
  const server = await tokenServer(t, SETTINGS);
  const app = await signedUp(server);
  const check = async (): Promise<void> => {
    assert.match(app.accessToken, /^[\w-]{43}$/, '256 random bits, nothing else');
    const { status, json } = await server.me(app.accessToken);
    assert.equal(status, 200);
    const refresh = decode(app.refreshToken).claims;
    assert.deepEqual([dig(json, 'sub'), dig(json, 'sid'), dig(json, 'token_use')], [refresh['sub'], refresh['sid'], 'access']);
    assert.equal(Number(dig(json, 'exp')) - Number(dig(json, 'iat')), 300);
    assert.equal((await app.session({ auth: 'bearer' })).status, 200);
  };
  await check();
  const first = app.accessToken;
  assert.equal((await app.refresh()).status, 200);
  assert.notEqual(app.accessToken, first);
  await check();
  assert.equal((await server.me(first)).status, 200, 'until it expires');
  assert.equal((await server.me(app.refreshToken)).status, 401);
  assert.equal((await server.me(`${first}x`)).status, 401);
  assert.equal((await server.me(sha256(first))).status, 401, 'what the database has opens nothing');
});

test('an access token dies with its session and its user at once, and with its time', async (t) => {
  const server = await tokenServer(t, SETTINGS);
  const app = await signedUp(server);
  await app.logout();
  assert.equal((await server.me(app.accessToken)).status, 401);
  assert.equal((await app.session({ auth: 'bearer' })).status, 401);
  assert.equal((await app.refresh()).status, 400);

  const other = await signedUp(server);
  const { sub } = decode(other.refreshToken).claims as unknown as { sub: string };
  await updateUser(server.kit.db, sub, { isActive: false });
  assert.equal((await server.me(other.accessToken)).status, 401);
  await updateUser(server.kit.db, sub, { isActive: true });
  assert.equal((await server.me(other.accessToken)).status, 200);
  server.clock.advance(300);
  assert.equal((await server.me(other.accessToken)).status, 401);
  assert.equal((await other.refresh()).status, 200);
  assert.equal((await server.me(other.accessToken)).status, 200);
});

test('an access token lives no longer than SESSION_ABSOLUTE_AGE lets its session', async (t) => {
  const server = await tokenServer(t, { ...SETTINGS, SESSION_ABSOLUTE_AGE: 100 });
  const app = await signedUp(server);
  const { json } = await server.me(app.accessToken);
  assert.ok(Number(dig(json, 'exp')) - Number(dig(json, 'iat')) <= 100, 'its claims do not promise more');
  server.clock.advance(100);
  assert.equal((await server.me(app.accessToken)).status, 401);
});

test('the database keeps the hash alone', { skip: POSTGRESQL !== null && 'SQLite' }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-reference-'));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  const server = await tokenServer(t, { ...SETTINGS, DATABASE: `sqlite://${folder}/app.sqlite3` });
  const app = await signedUp(server);
  const given = [app.accessToken, app.refreshToken];
  await app.refresh();
  given.push(app.accessToken, app.refreshToken, app.sessionToken.split('.')[1] ?? assert.fail());

  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const stored = (text: string): boolean => files.some((file) => file.includes(text));
  assert.ok(stored(sha256(app.accessToken)), 'this search finds what is there');
  for (const token of given) {
    assert.ok(!stored(token));
    assert.ok(!files.some((file) => file.includes(Buffer.from(token, 'base64url'))), 'nor its bytes');
  }
});

test('grace period: requests that race get good tokens', async (t) => {
  const server = await tokenServer(t, { ...SETTINGS, HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10 });
  const app = await signedUp(server);
  const replies = await Promise.all(Array.from({ length: 10 }, () => server.app().refresh(app.refreshToken)));
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(replies.map(({ data }) => dig(data, 'refresh_token'))).size, 1);
  for (const { data } of replies) assert.equal((await server.me(String(dig(data, 'access_token')))).status, 200);
});
