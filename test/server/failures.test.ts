import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { JWTTokenStrategy, Overloaded, type EventRecord, type PasswordHasher } from 'allauth-kit/plugin';
import { until } from '../support/until.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { digText } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const INSIDE = 'words from the inside';

/** The line of the log that tells of a failed request with this id. */
function failureOf(server: TestServer, id: unknown): string | undefined {
  return server.log.find((line) => line.includes(String(id)) && line.includes('"level":"error"'));
}

class BrokenValidator {
  validate(): null {
    throw new TypeError(INSIDE);
  }
}

class BrokenStrategy extends JWTTokenStrategy {
  override createAccessTokenPayload(): Promise<never> {
    return Promise.reject(new Error(INSIDE));
  }
}

class BusyHasher implements PasswordHasher {
  readonly name = 'busy';
  hash(): Promise<string> {
    return Promise.reject(new Overloaded());
  }
  recognizes(): boolean {
    return true;
  }
  verify(): Promise<boolean> {
    return Promise.reject(new Overloaded());
  }
  needsRehash(): boolean {
    return false;
  }
}

test('what nobody expected becomes a bare 500, and a log line with the id of the request', async (t) => {
  const cases: readonly Config[] = [{ AUTH_PASSWORD_VALIDATORS: [BrokenValidator] }, { HEADLESS_TOKEN_STRATEGY: BrokenStrategy }];
  for (const settings of cases) {
    const server = await testServer(t, settings);
    const reply = await server.app().signup(newEmail());
    assert.deepEqual([reply.status, reply.text], [500, '{"status":500}']);
    assert.match(reply.headers['content-type'] ?? '', /^application\/json/);
    assert.match(reply.headers['cache-control'] ?? '', /no-store/);
    const line = failureOf(server, reply.headers['x-request-id']);
    assert.ok(line?.includes(INSIDE) && line.includes('"stack"'), 'whoever runs the server finds it');
    assert.equal((await server.app().get('config')).status, 200, 'the server goes on');
  }
});

test('a login whose pair could not be made leaves no session behind', async (t) => {
  const server = await testServer(t, { HEADLESS_TOKEN_STRATEGY: BrokenStrategy });
  const app = server.app();
  const email = newEmail();
  await app.signup(email);
  assert.equal((await app.login(email)).status, 500);
  assert.equal(app.sessionToken, '');
  const reasons = await server.kit.db.knex('sessions').pluck('ended_reason');
  assert.deepEqual(reasons, ['failed', 'failed']);
  assert.equal((await server.browser().login(email)).status, 200, 'browsers need no pair');
});

test('more passwords than can be hashed: 503 with Retry-After, and nothing is kept', async (t) => {
  const server = await testServer(t, { PASSWORD_HASHERS: [BusyHasher] });
  for (const client of [server.app(), server.browser()]) {
    for (const reply of [await client.signup(newEmail()), await client.login(newEmail())]) {
      assert.deepEqual([reply.status, reply.text], [503, '{"status":503}']);
      assert.match(reply.headers['retry-after'] ?? '', /^[1-9]\d*$/);
    }
  }
  assert.deepEqual(await server.kit.db.knex('users').select('id'), []);
  assert.deepEqual(await server.kit.db.knex('sessions').select('id'), []);
});

test('a plugin that fails on an event fails no request; others hear of it after the commit', async (t) => {
  const heard: EventRecord[] = [];
  class Deaf {
    onEvent(): void {
      throw new Error(INSIDE);
    }
  }
  class Listener {
    async onEvent(event: EventRecord): Promise<void> {
      heard.push(event);
    }
  }
  const server = await testServer(t, { PLUGINS: [Deaf, Listener] });
  const reply = await server.app().signup(newEmail());
  assert.equal(reply.status, 200);
  await until(() => heard.length >= 3);
  assert.equal(heard.shift()?.type, 'settings_loaded');
  assert.deepEqual(
    heard.map(({ type, userId }) => [type, userId]),
    ['signup', 'login'].map((type) => [type, digText(reply.data, 'user', 'id')]),
  );
  assert.ok(heard.every(({ id }) => id > 0));
  assert.ok(!JSON.stringify(heard).includes(PASSWORD));
  const failures = server.log.filter((line) => line.includes(INSIDE));
  assert.ok(failures.length > 0);
  assert.ok(
    failures.every((line) => line.includes('settings_loaded')),
    'it hears of nothing else until it has heard of that',
  );
});
