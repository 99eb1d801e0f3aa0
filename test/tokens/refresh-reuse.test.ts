import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { eventsOf, liveSessions, onlySession } from './support/rows.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const LEEWAY: Config = { HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 10, HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true };

test('within its leeway a rotated token is refused, and nothing else happens', async (t) => {
  const server = await tokenServer(t, LEEWAY);
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  for (const seconds of [0, 5]) {
    server.clock.advance(seconds);
    assert.equal((await app.refresh(old, { take: false })).text, '{"status":400}');
  }
  assert.equal((await server.me(app.accessToken)).status, 200);
  assert.equal((await app.refresh()).status, 200);
  assert.deepEqual(await eventsOf(server, 'refresh_token_reused'), []);
});

test('after its leeway a rotated token ends the session with all its tokens, and no other session', async (t) => {
  const server = await tokenServer(t, LEEWAY);
  const app = await signedUp(server);
  const elsewhere = server.app();
  await elsewhere.login(app.email);
  const stranger = await signedUp(server);

  const family = [app.refreshToken];
  const access = [app.accessToken];
  for (let round = 0; round < 2; round++) {
    await app.refresh();
    family.push(app.refreshToken);
    access.push(app.accessToken);
  }
  server.clock.advance(12);
  const [stolen = ''] = family;
  assert.equal((await app.refresh(stolen, { take: false })).text, '{"status":400}');

  for (const token of family) assert.equal((await app.refresh(token, { take: false })).status, 400);
  for (const token of access) assert.equal((await server.me(token)).status, 401);
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  for (const other of [elsewhere, stranger]) {
    assert.equal((await server.me(other.accessToken)).status, 200);
    assert.equal((await other.refresh()).status, 200);
  }
  assert.equal((await liveSessions(server)).length, 2);
});

test('reuse is one line in the audit log, with who, which session, which token and from where', async (t) => {
  const server = await tokenServer(t, { ...LEEWAY, ALLAUTH_TRUSTED_PROXY_COUNT: 1 });
  const app = await signedUp(server);
  const old = app.refreshToken;
  const { claims } = decode(old);
  await app.refresh();
  server.clock.advance(12);
  app.headers['X-Forwarded-For'] = '203.0.113.9';
  const replies = await Promise.all(Array.from({ length: 10 }, () => app.refresh(old, { take: false })));
  for (const { text } of replies) assert.equal(text, '{"status":400}');
  await app.refresh(old, { take: false });
  await app.refresh();

  const [event, ...more] = await eventsOf(server, 'refresh_token_reused');
  assert.ok(event);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [event.userId, event.actorId, event.sid, event.ip, event.details],
    [claims['sub'], null, claims['sid'], '203.0.113.9', { jti: claims['jti'] }],
  );
});

test('a leeway of 0: the first reuse counts', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 0 });
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  assert.equal((await app.refresh(old, { take: false })).status, 400);
  assert.equal((await app.refresh()).status, 400);
  assert.equal((await eventsOf(server, 'refresh_token_reused')).length, 1);
});

test('leeway false: a rotated token is refused for ever, and ends nothing', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: false });
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  server.clock.advance(80_000);
  assert.equal((await app.refresh(old, { take: false })).status, 400);
  assert.equal((await app.refresh()).status, 200);
  await onlySession(server);
});

test('reuse of a token whose session has ended adds nothing to the log', async (t) => {
  const server = await tokenServer(t, LEEWAY);
  const app = await signedUp(server);
  const old = app.refreshToken;
  await app.refresh();
  await app.logout({ auth: 'session' });
  server.clock.advance(12);
  assert.equal((await app.refresh(old, { take: false })).status, 400);
  assert.deepEqual(await eventsOf(server, 'refresh_token_reused'), []);
});
