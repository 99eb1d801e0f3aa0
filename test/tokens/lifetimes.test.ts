import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlySession } from './support/rows.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const SLIDING = { HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 100, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 400, SESSION_COOKIE_AGE: 400 };

test('lifetimes slide with each refresh up to SESSION_ABSOLUTE_AGE, and no further', async (t) => {
  const server = await tokenServer(t, { ...SLIDING, SESSION_ABSOLUTE_AGE: 1000 });
  const app = await signedUp(server);
  const end = ((await onlySession(server)).authenticatedAt ?? NaN) + 1000;
  for (const passed of [300, 300, 350]) {
    server.clock.advance(passed);
    assert.equal((await app.refresh()).status, 200);
  }
  const [access, refresh] = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
  assert.deepEqual([access.exp, refresh.exp], [end, end], 'capped, at 950 seconds');
  assert.equal((await onlySession(server)).expiresAt, end);
  assert.equal((await server.me(app.accessToken)).status, 200);

  server.clock.advance(50);
  assert.equal((await server.me(app.accessToken)).status, 401);
  assert.equal((await app.refresh()).text, '{"status":400}');
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.session({ auth: 'bearer' })).status, 401);
});

test('a login whose tokens would outlive SESSION_ABSOLUTE_AGE gets shorter ones', async (t) => {
  const server = await tokenServer(t, { SESSION_ABSOLUTE_AGE: 60 });
  const app = await signedUp(server);
  const end = ((await onlySession(server)).authenticatedAt ?? NaN) + 60;
  assert.equal(decode(app.accessToken).claims.exp, end);
  assert.equal(decode(app.refreshToken).claims.exp, end);
});

test('without rotation the access tokens are capped just so', async (t) => {
  const server = await tokenServer(t, {
    HEADLESS_JWT_ROTATE_REFRESH_TOKEN: false,
    HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 5000,
    SESSION_ABSOLUTE_AGE: 1000,
  });
  const app = await signedUp(server);
  const end = ((await onlySession(server)).authenticatedAt ?? NaN) + 1000;
  server.clock.advance(900);
  assert.equal((await app.refresh()).status, 200);
  assert.equal(decode(app.accessToken).claims.exp, end);
  server.clock.advance(100);
  assert.equal((await app.refresh()).status, 400);
});

test('SESSION_ABSOLUTE_AGE null: a session that is refreshed lives for ever', async (t) => {
  const server = await tokenServer(t, { ...SLIDING, SESSION_ABSOLUTE_AGE: null });
  const app = await signedUp(server);
  for (let round = 0; round < 10; round++) {
    server.clock.advance(390);
    assert.equal((await app.refresh()).status, 200);
    const { claims } = decode(app.refreshToken);
    assert.equal(claims.exp - claims.iat, 400);
  }
  assert.equal((await server.me(app.accessToken)).status, 200);
});

test('lowering SESSION_ABSOLUTE_AGE counts for sessions that are there already', async (t) => {
  const before = await tokenServer(t, { ...SLIDING, SESSION_ABSOLUTE_AGE: null });
  const app = await signedUp(before);
  before.clock.advance(390);
  assert.equal((await app.refresh()).status, 200);
  const settings = { ...SLIDING, DATABASE: before.kit.settings.DATABASE, SESSION_ABSOLUTE_AGE: 300 };
  const after = await tokenServer(t, settings, { clock: before.clock });
  assert.equal((await after.app().refresh(app.refreshToken)).text, '{"status":400}');
});

test('a session that nobody refreshes ends with its idle time', async (t) => {
  const server = await tokenServer(t, SLIDING);
  const app = await signedUp(server);
  server.clock.advance(390);
  assert.equal((await app.session({ auth: 'session' })).status, 200);
  server.clock.advance(10);
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.refresh()).status, 400);
});
