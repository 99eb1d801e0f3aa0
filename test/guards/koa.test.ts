import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateUser } from '../../src/store/users.ts';
import type { Reply } from '../support/http.ts';
import { decode } from '../tokens/support/jwt.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';

const STATEFUL = { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true };

const MISSING = { detail: 'An access token is required.' };
const INVALID = { detail: 'The access token is invalid.' };
const EXPIRED = { detail: 'The access token expired.' };

function assertRefused({ status, json, headers }: Reply, body: { detail: string }, scheme = 'Bearer'): void {
  assert.equal(status, 401);
  assert.deepEqual(json, body);
  assert.match(headers['content-type'] ?? '', /^application\/json/);
  const reason = body === MISSING ? '' : `, error="invalid_token", error_description="${body.detail}"`;
  assert.equal(headers['www-authenticate'], `${scheme} realm="api"${reason}`);
}

test('without an access token: 401, and a challenge that names no error', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  assertRefused(await server.me(), MISSING);
  assertRefused(await server.me('', 'Bearer'), MISSING);
  assertRefused(await server.me(app.accessToken, 'Basic'), MISSING);
  assertRefused(await server.me(app.accessToken, 'Token'), MISSING);
});

test('with a token that is no good: 401 and invalid_token', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  for (const token of ['garbage', app.refreshToken, app.sessionToken, app.accessToken.slice(0, -9)]) {
    assertRefused(await server.me(token), INVALID);
  }
});

test('with a token that was good once: the challenge says that it expired', async (t) => {
  for (const settings of [{}, STATEFUL]) {
    const server = await tokenServer(t, settings);
    const app = await signedUp(server);
    assert.equal((await server.me(app.accessToken)).status, 200);
    server.clock.advance(300);
    assertRefused(await server.me(app.accessToken), EXPIRED);
    assertRefused(await server.me(app.refreshToken), INVALID);
  }
});

test('the challenge is in the scheme of the settings', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_AUTHORIZATION_HEADER_SCHEME: 'JWT' });
  const app = await signedUp(server);
  assert.equal((await server.me(app.accessToken, 'JWT')).status, 200);
  assertRefused(await server.me(app.accessToken, 'Bearer'), MISSING, 'JWT');
  assertRefused(await server.me('garbage', 'JWT'), INVALID, 'JWT');
});

test('a session token opens nothing behind the guard, in whichever header', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  assert.equal((await app.get('/api/me', { auth: 'session' })).status, 401);
  assert.equal((await app.get('/api/me', { auth: 'bearer' })).status, 200);
  const browser = server.browser();
  await browser.login(app.email);
  assert.equal((await browser.session()).status, 200);
  assert.equal((await browser.get('/api/me')).status, 401);
});

test('a token that has been verified before still expires', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  for (let time = 0; time < 3; time++) assert.equal((await server.me(app.accessToken)).status, 200);
  server.clock.advance(290);
  assert.equal((await server.me(app.accessToken)).status, 200);
  server.clock.advance(10);
  assertRefused(await server.me(app.accessToken), EXPIRED);
});

test('a token that has been verified before is refused at once when its session ends, where validation is stateful', async (t) => {
  const server = await tokenServer(t, STATEFUL);
  const app = await signedUp(server);
  for (let time = 0; time < 3; time++) assert.equal((await server.me(app.accessToken)).status, 200);
  await app.logout({ auth: 'session' });
  assertRefused(await server.me(app.accessToken), INVALID);

  const other = await signedUp(server);
  for (let time = 0; time < 3; time++) assert.equal((await server.me(other.accessToken)).status, 200);
  await updateUser(server.kit.db, String(decode(other.accessToken).claims['sub']), { isActive: false });
  assertRefused(await server.me(other.accessToken), INVALID);
});

test('what one request finds good does not let another one in', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const [head = '', body = '', signature = ''] = app.accessToken.split('.');
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => server.me(index % 2 === 0 ? app.accessToken : `${head}.${body}.${signature.toLowerCase()}`)),
  );
  assert.deepEqual(
    replies.map(({ status }) => status),
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 200 : 401)),
  );
});
