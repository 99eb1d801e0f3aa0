import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimited } from '../../src/kit/errors.ts';
import { consumeRate, type LimitedAction } from '../../src/kit/rate-limits.ts';
import { testDatabase } from '../support/database.ts';
import { Clock, testServer, type TestServer } from '../support/server.ts';

const DAY = 86_400;

const use = (server: TestServer, action: LimitedAction) => consumeRate(server.kit, action, { ip: '192.0.2.1' });

for (const store of ['database', 'memory'] as const) {
  for (const action of ['login', 'refresh'] as const) {
    test(`a clock that was a day ahead leaves no limit for a day (${store}, ${action})`, async (t) => {
      const server = await testServer(t, { RATE_LIMIT_STORE: store, ACCOUNT_RATE_LIMITS: { [action]: '2/m/ip' } });
      server.clock.advance(DAY);
      await use(server, action);
      await use(server, action);
      await assert.rejects(use(server, action), RateLimited);
      server.clock.advance(-DAY);
      await use(server, action);
      await use(server, action);
      await assert.rejects(use(server, action), (error: unknown) => error instanceof RateLimited && error.retryAfter <= 60);
    });
  }
}

test('servers whose clocks differ by seconds share a limit, and grant no more than it', async (t) => {
  const DATABASE = await testDatabase(t);
  const fast = new Clock();
  fast.advance(30);
  const settings = { DATABASE, ACCOUNT_RATE_LIMITS: { login: '3/m/ip' } };
  const servers = [await testServer(t, settings, { clock: fast }), await testServer(t, settings)] as const;
  let granted = 0;
  for (let each = 0; each < 10; each += 1) {
    granted += await use(servers[(each % 2) as 0 | 1], 'login').then(
      () => 1,
      () => 0,
    );
  }
  assert.equal(granted, 3);
});
