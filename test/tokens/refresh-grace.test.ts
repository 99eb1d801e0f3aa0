import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listRefreshTokens } from '../../src/store/refresh-tokens.ts';
import { eventsOf, onlySession } from './support/rows.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const GRACE = { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 30, HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 60 };

test('a token that was rotated gives the same pair again for its grace period, and not after', async (t) => {
  const server = await tokenServer(t, GRACE);
  const app = await signedUp(server);
  const old = app.refreshToken;
  const first = await app.refresh();
  for (const seconds of [0, 10, 10]) {
    server.clock.advance(seconds);
    assert.equal((await app.refresh(old, { take: false })).text, first.text);
  }
  server.clock.advance(20);
  assert.equal((await app.refresh(old, { take: false })).text, '{"status":400}', 'past its grace, within its leeway');
  assert.equal((await app.refresh()).status, 200, 'the successor lives on');
  assert.deepEqual(await eventsOf(server, 'refresh_token_reused'), []);
});

test('the pair that comes again has the times of the first answer', async (t) => {
  const server = await tokenServer(t, { ...GRACE, HEADLESS_JWT_ALGORITHM: 'ES256' });
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  const first = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
  server.clock.advance(15);
  await app.refresh(old);
  assert.deepEqual([decode(app.accessToken).claims, decode(app.refreshToken).claims], first);
  assert.equal((await server.me(app.accessToken)).status, 200);
});

test('once the successor has been used, the old token gets nothing within its grace', async (t) => {
  const server = await tokenServer(t, GRACE);
  const app = await signedUp(server);
  const [first] = [app.refreshToken];
  await app.refresh();
  const second = app.refreshToken;
  const next = await app.refresh();
  assert.equal(next.status, 200);
  assert.equal((await app.refresh(first, { take: false })).text, '{"status":400}');
  assert.equal((await app.refresh(second, { take: false })).text, next.text, 'its successor is in its own grace');
  assert.equal((await app.refresh()).status, 200);
  await onlySession(server);
});

test('each race that the grace period absorbed is counted at its token, and no other', async (t) => {
  const server = await tokenServer(t, GRACE);
  const app = await signedUp(server);
  const old = app.refreshToken;
  await Promise.all(Array.from({ length: 6 }, () => app.refresh(old, { take: false })));
  server.clock.advance(5);
  const since = server.clock.now();
  await app.refresh(old);
  const { id } = await onlySession(server);
  const counts = (await listRefreshTokens(server.kit.db, id)).map(({ absorbed, absorbedAt }) => [absorbed, absorbedAt]);
  assert.equal(counts.length, 2);
  assert.equal(counts[0]?.[0], 6, 'of six at once one rotated, and one came later');
  assert.ok(Number(counts[0]?.[1]) >= since);
  assert.deepEqual(counts[1], [0, null]);
  server.clock.advance(40);
  await app.refresh(old, { take: false });
  assert.equal((await listRefreshTokens(server.kit.db, id))[0]?.absorbed, 6, 'what is refused is not absorbed');
});

test('the grace ends with the session', async (t) => {
  const server = await tokenServer(t, GRACE);
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  await app.logout({ auth: 'session' });
  assert.equal((await app.refresh(old, { take: false })).text, '{"status":400}');
});

test('a restart within the grace period gives the same pair', async (t) => {
  const first = await tokenServer(t, GRACE);
  const { DATABASE } = first.kit.settings;
  const app = await signedUp(first);
  const old = app.refreshToken;
  const reply = await app.refresh();
  await first.close();
  const second = await tokenServer(t, { ...GRACE, DATABASE }, { clock: first.clock });
  assert.equal((await second.app().refresh(old)).text, reply.text);
});
