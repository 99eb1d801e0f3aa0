import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { clientNetwork } from '../../src/kit/addresses.ts';
import { consumeRate } from '../../src/kit/rate-limits.ts';
import { RateLimited } from '../../src/kit/errors.ts';
import { testDatabase } from '../support/database.ts';
import { REDIS_URL, withoutRedis } from '../support/redis.ts';
import { testServer } from '../support/server.ts';

/** A store that counts apart from all other tests. */
function redisStore(url = REDIS_URL): Config['RATE_LIMIT_STORE'] {
  const prefix = `test:${randomBytes(6).toString('hex')}`;
  return ['allauth-kit/plugins/redis-rate-limit-store#RedisRateLimitStore', { url, prefix }];
}

const STORES: [string, () => Config['RATE_LIMIT_STORE']][] = [
  ['database', () => 'database'],
  ['memory', () => 'memory'],
  ['redis', () => redisStore()],
];

/** How many of `count` logins at once were let through to the password. */
async function attempts(servers: Awaited<ReturnType<typeof testServer>>[], count: number): Promise<number[]> {
  const replies = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const server = servers[index % servers.length];
      assert.ok(server);
      return server.app().login('nobody@example.org', 'wrong-Password-1');
    }),
  );
  return replies.map((reply) => reply.status);
}

const count = (statuses: number[], status: number): number => statuses.filter((each) => each === status).length;

for (const [name, store] of STORES) {
  const options = { skip: name === 'redis' && withoutRedis };

  test(`${name}: of 100 requests at once exactly as many pass as are allowed`, options, async (t) => {
    const server = await testServer(t, { RATE_LIMIT_STORE: store(), ACCOUNT_RATE_LIMITS: { login: '7/m/ip', login_failed: false } });
    const statuses = await attempts([server], 100);
    assert.equal(count(statuses, 400), 7);
    assert.equal(count(statuses, 429), 93);
  });

  test(`${name}: a use that is given back is free again, one that was refused is not counted`, options, async (t) => {
    const server = await testServer(t, { RATE_LIMIT_STORE: store(), ACCOUNT_RATE_LIMITS: { login: '3/m/ip' } });
    const use = () => consumeRate(server.kit, 'login', { ip: '192.0.2.1' });
    const [first] = await Promise.all([use(), use(), use()]);
    for (let tries = 0; tries < 5; tries += 1) await assert.rejects(use(), RateLimited);
    assert.ok(first);
    await first.giveBack();
    await use();
    await assert.rejects(use(), RateLimited);
  });

  test(`${name}: refreshing in blocks grants exactly the limit`, options, async (t) => {
    const server = await testServer(t, { RATE_LIMIT_STORE: store(), ACCOUNT_RATE_LIMITS: { refresh: '64/m/ip' } });
    const replies = await Promise.all(Array.from({ length: 100 }, () => server.app().refresh('nonsense')));
    assert.equal(replies.filter(({ status }) => status === 400).length, 64);
    assert.equal(replies.filter(({ status }) => status === 429).length, 36);
  });
}

for (const [name, store] of STORES.filter(([each]) => each !== 'memory')) {
  test(`${name}: two servers share the counts`, { skip: name === 'redis' && withoutRedis }, async (t) => {
    const settings: Config = {
      DATABASE: await testDatabase(t),
      RATE_LIMIT_STORE: store(),
      SECRET_KEY: 'the same on both servers, as it has to be',
      ACCOUNT_RATE_LIMITS: { login: '9/m/ip', login_failed: false },
    };
    const servers = [await testServer(t, settings), await testServer(t, settings)];
    const statuses = await attempts(servers, 60);
    assert.equal(count(statuses, 400), 9);
    assert.equal(count(statuses, 429), 51);
  });
}

test('two servers that refresh in blocks never grant more than the limit together', async (t) => {
  const settings: Config = {
    DATABASE: await testDatabase(t),
    SECRET_KEY: 'the same on both servers, as it has to be',
    ACCOUNT_RATE_LIMITS: { refresh: '90/m/ip' },
  };
  const servers = [await testServer(t, settings), await testServer(t, settings)];
  const replies = await Promise.all(
    Array.from({ length: 160 }, (_, index) => (servers[index % 2] ?? assert.fail()).app().refresh('nonsense')),
  );
  assert.equal(replies.filter(({ status }) => status === 400).length, 90);
});

test('while Redis is away each server counts for itself', async (t) => {
  const server = await testServer(t, {
    RATE_LIMIT_STORE: redisStore('redis://127.0.0.1:1'),
    ACCOUNT_RATE_LIMITS: { login: '4/m/ip', login_failed: false },
  });
  const statuses = await attempts([server], 20);
  assert.equal(count(statuses, 400), 4);
  assert.equal(count(statuses, 429), 16);
  assert.ok(server.log.some((line) => line.includes('Redis is away')));
});

test('a store may be a class of one’s own', async (t: TestContext) => {
  const keys: string[] = [];
  class Never {
    async consume(key: string): Promise<{ granted: number; resetAfter: number }> {
      keys.push(key);
      return { granted: 0, resetAfter: 17 };
    }
    async giveBack(): Promise<void> {}
  }
  const server = await testServer(t, { RATE_LIMIT_STORE: Never, ACCOUNT_RATE_LIMITS: {} });
  const reply = await server.app().login('nobody@example.org');
  assert.equal(reply.status, 429);
  assert.equal(reply.headers['retry-after'], '17');
  assert.match(keys[0] ?? '', /^[\da-f]{64}$/);
});

test('an IPv6 address counts with its network', () => {
  assert.equal(clientNetwork('2001:db8::1', 64), clientNetwork('2001:DB8:0:0:ffff::2', 64));
  assert.notEqual(clientNetwork('2001:db8::1', 64), clientNetwork('2001:db8:0:1::1', 64));
  assert.notEqual(clientNetwork('2001:db8::1', 128), clientNetwork('2001:db8::2', 128));
  assert.equal(clientNetwork('2001:db8::1', 3), clientNetwork('3fff::', 3));
  assert.notEqual(clientNetwork('::', 1), clientNetwork('8000::', 1));
  assert.equal(clientNetwork('192.0.2.7', 64), '192.0.2.7');
});
