import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dig } from '../support/http.ts';
import { listRefreshTokens } from '../../src/store/refresh-tokens.ts';
import { findSession } from '../../src/store/sessions.ts';
import { updateUser } from '../../src/store/users.ts';
import { deleteUser, onlySession } from './support/rows.ts';
import { byRsa, decode, forge, keyFor, newKey } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

test('with rotation each refresh gives a new pair of the same session, in data alone', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const [access, refresh] = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
  server.clock.advance(60);
  const reply = await app.refresh();
  assert.deepEqual(Object.keys(reply.json as object).sort(), ['data', 'status']);
  assert.deepEqual(Object.keys(reply.data as object).sort(), ['access_token', 'refresh_token']);
  assert.match(reply.headers['cache-control'] ?? '', /no-store/);

  const [access2, refresh2] = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
  for (const name of ['sid', 'sub', 'token_use']) assert.equal(access2[name], access[name]);
  for (const name of ['sid', 'sub', 'token_use']) assert.equal(refresh2[name], refresh[name]);
  assert.notEqual(access2['jti'], access['jti']);
  assert.notEqual(refresh2['jti'], refresh['jti']);
  assert.ok(access2.iat >= access.iat + 60 && refresh2.exp >= refresh.exp + 60, 'lifetimes slide');
  assert.equal((await app.session({ auth: 'bearer' })).status, 200);
  assert.equal((await app.session({ auth: 'session' })).status, 200);
});

test('without rotation one refresh token serves on, and its own lifetime does not slide', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ROTATE_REFRESH_TOKEN: false });
  const app = await signedUp(server);
  const token = app.refreshToken;
  for (let round = 0; round < 3; round++) {
    server.clock.advance(20_000);
    const before = app.accessToken;
    const reply = await app.refresh();
    assert.equal(reply.status, 200);
    assert.deepEqual(Object.keys(reply.data as object), ['access_token']);
    assert.notEqual(app.accessToken, before);
    assert.equal((await server.me(app.accessToken)).status, 200);
  }
  assert.equal(app.refreshToken, token);
  assert.equal((await listRefreshTokens(server.kit.db, (await onlySession(server)).id)).length, 1);
  server.clock.advance(26_400);
  assert.equal((await app.refresh()).status, 400);
});

test('without rotation logging out ends it too', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ROTATE_REFRESH_TOKEN: false });
  const app = await signedUp(server);
  assert.equal((await app.refresh()).status, 200);
  assert.equal((await app.logout()).status, 401);
  assert.equal((await app.refresh()).text, '{"status":400}');
});

test('rotation keeps the chain: each token names the one before', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const chain = [decode(app.refreshToken).claims['jti']];
  for (let round = 0; round < 3; round++) {
    server.clock.advance(1);
    await app.refresh();
    chain.push(decode(app.refreshToken).claims['jti']);
  }
  const rows = await listRefreshTokens(server.kit.db, (await onlySession(server)).id);
  assert.deepEqual(
    rows.map(({ jti }) => jti),
    chain,
  );
  assert.deepEqual(
    rows.map(({ parentJti }) => parentJti),
    [null, ...chain.slice(0, -1)],
  );
});

test('a refresh extends the session for as long as its tokens live, and counts as being seen', async (t) => {
  const server = await tokenServer(t, { SESSION_COOKIE_AGE: 100, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000 });
  const app = await signedUp(server);
  server.clock.advance(900);
  assert.equal((await app.refresh()).status, 200);
  server.clock.advance(900);
  assert.equal((await app.refresh()).status, 200);
  const { sid } = await onlySession(server);
  const opened = await findSession(server.kit.db, sid, server.clock.now());
  assert.ok(opened);
  assert.ok(opened.session.expiresAt >= opened.session.lastSeenAt + 1000);
  assert.ok(server.clock.now() - opened.session.lastSeenAt < 60);
});

test('whatever is wrong with a refresh token: 400 with nothing but the status', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const key = await keyFor('RS256');
  const { header, claims } = decode(app.refreshToken);
  const sign = (changes: object): string => forge(header, { ...claims, ...changes }, byRsa(key));
  const other = await signedUp(server);
  const bad = {
    garbage: 'garbage',
    dots: '..',
    'the access token': app.accessToken,
    'the session token': app.sessionToken,
    'another key': forge(header, claims, byRsa(await newKey('RS256'))),
    'a jti never issued': sign({ jti: '00000000-0000-4000-8000-000000000000' }),
    'a jti with quotes': sign({ jti: "' OR 1=1 --" }),
    "another session's jti": sign({ jti: decode(other.refreshToken).claims['jti'] }),
    "another session's sid": sign({ sid: decode(other.refreshToken).claims['sid'] }),
    "another user's sub": sign({ sub: decode(other.refreshToken).claims['sub'] }),
    'token_use access': sign({ token_use: 'access' }),
    expired: sign({ exp: claims.iat - 1 }),
    'a payload beyond ASCII': app.refreshToken.replace(/\..*\./, '.\u00e9\u{1f511}.'),
    'a signature beyond ASCII': app.refreshToken.replace(/[^.]*$/, '\u00e9'),
    long: `${app.refreshToken}${'A'.repeat(20_000)}`,
  };
  for (const [what, token] of Object.entries(bad)) {
    const { status, text } = await app.refresh(token, { take: false });
    assert.deepEqual([status, text], [400, '{"status":400}'], what);
  }
  assert.equal((await app.refresh()).status, 200, 'none of this spent the token or ended the session');
  assert.equal((await other.refresh()).status, 200);
});

test('a refresh without a token says which member is missing', async (t) => {
  const server = await tokenServer(t);
  for (const body of [{}, { refresh_token: '' }, { refresh_token: null }]) {
    assert.deepEqual((await server.app().post('tokens/refresh', body)).errorCodes, ['refresh_token:required']);
  }
  for (const body of [{ refresh_token: 1 }, { refresh_token: ['x'] }]) {
    assert.deepEqual((await server.app().post('tokens/refresh', body)).errorCodes, ['refresh_token:invalid']);
  }
});

test('an expired refresh token, an ended session, an inactive and a deleted user: refused', async (t) => {
  const server = await tokenServer(t);
  const { db } = server.kit;
  const refusals: [string, (app: Awaited<ReturnType<typeof signedUp>>, userId: string) => Promise<unknown>][] = [
    ['logged out', (app) => app.logout()],
    ['ended by the user elsewhere', async (app) => endFromElsewhere(app)],
    ['deactivated', (_, userId) => updateUser(db, userId, { isActive: false })],
    ['deleted', (_, userId) => deleteUser(server, userId)],
    ['expired', async () => server.clock.advance(86_400)],
  ];
  for (const [what, work] of refusals) {
    const app = await signedUp(server);
    await work(app, String(decode(app.accessToken).claims['sub']));
    const { status, text } = await app.refresh();
    assert.deepEqual([status, text], [400, '{"status":400}'], what);
  }

  async function endFromElsewhere(app: Awaited<ReturnType<typeof signedUp>>): Promise<void> {
    const elsewhere = server.app();
    await elsewhere.login(app.email);
    const sessions = (await elsewhere.get('auth/sessions')).data as { id: number; is_current: boolean }[];
    const ids = sessions.filter((each) => !each.is_current).map(({ id }) => id);
    assert.equal((await elsewhere.delete('auth/sessions', { sessions: ids })).status, 200);
    assert.equal((await elsewhere.refresh()).status, 200);
  }
});

test('a user who is active again goes on where the session has not ended', async (t) => {
  const server = await tokenServer(t);
  const app = await signedUp(server);
  const userId = String(decode(app.accessToken).claims['sub']);
  await updateUser(server.kit.db, userId, { isActive: false });
  assert.equal((await app.refresh()).status, 400);
  await updateUser(server.kit.db, userId, { isActive: true });
  const reply = await app.refresh();
  assert.equal(reply.status, 200);
  assert.equal(typeof dig(reply.data, 'access_token'), 'string');
});
