import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listRefreshTokens } from '../../src/store/refresh-tokens.ts';
import { AppClient } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { dig, digText, type Reply } from '../support/http.ts';
import { eventsOf, liveSessions, onlySession } from './support/rows.ts';
import { decode } from './support/jwt.ts';
import { signedUp, tokenServer, type TokenServer } from './support/server.ts';

const REQUESTS = 20;

/** Sends one refresh token many times at once, to the servers in turn. */
function race(servers: readonly TokenServer[], token: string): Promise<Reply[]> {
  return Promise.all(
    Array.from({ length: REQUESTS }, (_, index) => new AppClient(servers[index % servers.length] ?? assert.fail()).refresh(token)),
  );
}

/** One server, then two on one database. */
for (const count of [1, 2]) {
  const where = count === 1 ? 'on one server' : 'on two servers';

  test(`of many requests with one token ${where} exactly one gets a successor`, async (t) => {
    const DATABASE = await testDatabase(t);
    const servers = await Promise.all(Array.from({ length: count }, () => tokenServer(t, { DATABASE })));
    const [server = assert.fail()] = servers;
    const app = await signedUp(server);
    for (let round = 0; round < 3; round++) {
      const replies = await race(servers, app.refreshToken);
      const won = replies.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      for (const { status, text } of replies) if (status !== 200) assert.deepEqual([status, text], [400, '{"status":400}']);
      app.refreshToken = digText(won[0]?.data, 'refresh_token');
      app.accessToken = digText(won[0]?.data, 'access_token');
    }
    const { id } = await onlySession(server);
    const rows = await listRefreshTokens(server.kit.db, id);
    assert.equal(rows.length, 4, 'one successor each time');
    assert.deepEqual(await eventsOf(server, 'refresh_token_reused'), []);
    for (const each of servers) assert.equal((await each.me(app.accessToken)).status, 200);
    assert.equal((await app.refresh()).status, 200);
  });

  test(`within the grace period all of them get the same pair ${where}`, async (t) => {
    const DATABASE = await testDatabase(t);
    const settings = { DATABASE, HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10 };
    const servers = await Promise.all(Array.from({ length: count }, () => tokenServer(t, settings)));
    const [server = assert.fail()] = servers;
    const app = await signedUp(server);
    const replies = await race(servers, app.refreshToken);
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(replies.map(({ text }) => text)).size, 1, 'RS256 signs the same claims the same');
    assert.equal((await app.refresh(digText(replies[0]?.data, 'refresh_token'))).status, 200);
    assert.equal((await listRefreshTokens(server.kit.db, (await onlySession(server)).id)).length, 3);
  });
}

test('a race within the grace period with ES256: the same claims', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: 'ES256', HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10 });
  const app = await signedUp(server);
  const replies = await race([server], app.refreshToken);
  for (const name of ['access_token', 'refresh_token']) {
    const claims = replies.map(({ data }) => JSON.stringify(decode(digText(data, name)).claims));
    assert.equal(new Set(claims).size, 1, name);
  }
});

test('without rotation all requests of a race get an access token of their own', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ROTATE_REFRESH_TOKEN: false });
  const app = await signedUp(server);
  const replies = await race([server], app.refreshToken);
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(replies.map(({ data }) => dig(data, 'access_token'))).size, REQUESTS);
});

for (const HEADLESS_JWT_ROTATE_REFRESH_TOKEN of [true, false]) {
  test(`a refresh that races with logging out leaves no live token (rotation ${HEADLESS_JWT_ROTATE_REFRESH_TOKEN})`, async (t) => {
    const settings = { HEADLESS_JWT_ROTATE_REFRESH_TOKEN, HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true };
    const DATABASE = await testDatabase(t);
    const servers = await Promise.all([1, 2].map(() => tokenServer(t, { ...settings, DATABASE })));
    const [server = assert.fail(), other = assert.fail()] = servers;
    for (let round = 0; round < 8; round++) {
      const app = await signedUp(server);
      const twin = Object.assign(other.app(), { refreshToken: app.refreshToken });
      const [out, ...replies] = await Promise.all([app.logout({ auth: 'session' }), twin.refresh(), twin.refresh(app.refreshToken)]);
      assert.equal(out.status, 401);
      const tokens = replies.map(({ data }) => data).filter((data) => data !== undefined);
      for (const data of tokens) {
        assert.equal((await server.me(digText(data, 'access_token'))).status, 401);
        assert.equal(
          (await twin.refresh(dig(data, 'refresh_token') === undefined ? app.refreshToken : digText(data, 'refresh_token'))).status,
          400,
        );
      }
      assert.deepEqual(await liveSessions(server), []);
    }
  });
}
