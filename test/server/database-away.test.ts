import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppClient, newEmail, PASSWORD } from '../support/clients.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { fallibleDatabase } from './databases.ts';

test('without its database every endpoint that needs it answers 503, and all is well once it is back', async (t) => {
  const { DATABASE, takeAway, bringBack } = await fallibleDatabase(t);
  const server = await testServer(t, { DATABASE, USERSESSIONS_TRACK_ACTIVITY: true });
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(email);
  await browser.login(email);
  const { refreshToken } = app;
  const other = newEmail();
  const calls: readonly [string, string, unknown][] = [
    ['GET', 'auth/session', undefined],
    ['DELETE', 'auth/session', undefined],
    ['GET', 'auth/sessions', undefined],
    ['DELETE', 'auth/sessions', { sessions: [1] }],
    ['POST', 'auth/reauthenticate', { password: PASSWORD }],
    ['POST', 'account/password/change', { current_password: PASSWORD, new_password: 'fresh-Pass-8-word' }],
    ['GET', 'account/email', undefined],
    ['POST', 'auth/login', { email, password: PASSWORD }],
    ['POST', 'auth/signup', { email: other, password: PASSWORD }],
    ['GET', 'config', undefined],
  ];

  // What is open of a SQLite file can still be read. The time of last use is due to be written, so all sessions need more than that.
  server.clock.advance(100);
  await takeAway();
  for (const [method, path, body] of calls) {
    for (const client of [app, browser]) {
      const reply = await client.send(method, path, body, client instanceof AppClient ? { auth: 'session' } : {});
      assert.deepEqual([reply.status, reply.text], [503, '{"status":503}'], `${client.kind} ${method} ${path}`);
      assert.match(reply.headers['retry-after'] ?? '', /^\d+$/);
      assert.match(reply.headers['cache-control'] ?? '', /no-store/);
      assert.equal(reply.setCookies.size, 0, 'no cookie is taken back for it');
    }
  }
  for (const reply of [
    await server.app().login(email),
    await server.app().signup(other),
    await app.refresh(refreshToken, { take: false }),
    await app.session({ auth: 'bearer' }),
  ]) {
    assert.deepEqual([reply.status, reply.text], [503, '{"status":503}']);
  }
  assert.equal((await server.app().get('config')).status, 200, 'who has no session needs no database for that');
  assert.equal((await send(server.url, { path: '/healthz' })).status, 200);
  assert.equal((await send(server.url, { path: '/.well-known/jwks.json' })).status, 200);
  const ready = await send(server.url, { path: '/readyz' });
  assert.deepEqual([ready.status, ready.json], [503, { status: 'unavailable', reason: 'the database does not answer' }]);

  await bringBack();
  assert.equal((await send(server.url, { path: '/readyz' })).status, 200);
  assert.equal((await app.session({ auth: 'session' })).status, 200);
  assert.equal((await browser.session()).status, 200, 'nobody was logged out');
  assert.equal((await app.refresh(refreshToken)).status, 200, 'nothing was spent');
  assert.equal((await server.app().login(email)).status, 200);
  assert.equal((await server.app().signup(other)).status, 200);
});

test('refreshes at once while the database goes away: each answers 200, 400 or 503, and the session survives', async (t) => {
  const { DATABASE, takeAway, bringBack } = await fallibleDatabase(t);
  const server = await testServer(t, { DATABASE });
  const app = server.app();
  await app.signup(newEmail());
  const first = app.refreshToken;
  const racing = Promise.all([1, 2, 3, 4, 5, 6].map(() => app.refresh(first)));
  await takeAway();
  const replies = await racing;
  for (const { status } of replies) assert.ok([200, 400, 503].includes(status), String(status));
  assert.ok(replies.filter(({ status }) => status === 200).length <= 1);
  await bringBack();
  assert.equal((await app.session({ auth: 'session' })).status, 200);
});
