import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

/** The address that a session made with these headers shows. */
async function shownAddress(server: TestServer, headers: Record<string, string>): Promise<unknown> {
  const app = server.app();
  app.headers = headers;
  await app.signup(newEmail());
  return dig((await app.get('auth/sessions')).data, 0, 'ip');
}

async function assertShown(
  t: Parameters<typeof testServer>[0],
  settings: Config,
  cases: readonly [Record<string, string>, string][],
): Promise<void> {
  const server = await testServer(t, settings);
  for (const [headers, shown] of cases) assert.equal(await shownAddress(server, headers), shown, JSON.stringify(headers));
  const details = (await server.kit.db.knex('events').where('type', 'login').orderBy('id').pluck('ip')) as string[];
  assert.deepEqual(
    details,
    cases.map(([, shown]) => shown),
    'the audit log has the same',
  );
}

test('without proxies in the settings no header is believed', async (t) => {
  await assertShown(t, {}, [
    [{}, '127.0.0.1'],
    [{ 'X-Forwarded-For': '203.0.113.9' }, '127.0.0.1'],
    [{ 'X-Real-IP': '203.0.113.9', Forwarded: 'for=203.0.113.9', 'CF-Connecting-IP': '203.0.113.9' }, '127.0.0.1'],
  ]);
});

test('behind one proxy the last entry counts, behind two the last but one; what the client made up stands before', async (t) => {
  await assertShown(t, { ALLAUTH_TRUSTED_PROXY_COUNT: 1 }, [
    [{ 'X-Forwarded-For': '203.0.113.9' }, '203.0.113.9'],
    [{ 'X-Forwarded-For': '10.9.9.9, 203.0.113.9' }, '203.0.113.9'],
    [{ 'X-Forwarded-For': '10.9.9.9 ,,  2001:db8::1 ' }, '2001:db8::1'],
    [{}, '127.0.0.1'],
  ]);
  await assertShown(t, { ALLAUTH_TRUSTED_PROXY_COUNT: 2 }, [
    [{ 'X-Forwarded-For': '203.0.113.9, 10.0.0.2' }, '203.0.113.9'],
    [{ 'X-Forwarded-For': '1.1.1.1, 2.2.2.2, 203.0.113.9, 10.0.0.2' }, '203.0.113.9'],
    [{ 'X-Forwarded-For': '203.0.113.9' }, '127.0.0.1'],
  ]);
});

test('what is no address is never shown or stored', async (t) => {
  await assertShown(
    t,
    { ALLAUTH_TRUSTED_PROXY_COUNT: 1 },
    [
      '',
      'unknown',
      '<script>',
      "1' OR '1'='1",
      '999.1.1.1',
      '_hidden',
      '1.2.3',
      '::gggg',
      'x'.repeat(4000),
      '0x7f.1',
      '010.1.2.3',
      '203.0.113.9:99999999',
      '[2001:db8::1',
    ].map((each) => [{ 'X-Forwarded-For': each }, '127.0.0.1']),
  );
});

test('ALLAUTH_TRUSTED_CLIENT_IP_HEADER names the header that counts', async (t) => {
  await assertShown(t, { ALLAUTH_TRUSTED_CLIENT_IP_HEADER: 'CF-Connecting-IP' }, [
    [{ 'CF-Connecting-IP': '203.0.113.9', 'X-Forwarded-For': '10.9.9.9' }, '203.0.113.9'],
    [{ 'cf-connecting-ip': ' 2001:db8::1 ' }, '2001:db8::1'],
    [{ 'CF-Connecting-IP': '::ffff:203.0.113.9' }, '203.0.113.9'],
    [{ 'CF-Connecting-IP': 'garbage' }, '127.0.0.1'],
    [{ 'CF-Connecting-IP': '203.0.113.9, 10.9.9.9' }, '127.0.0.1'],
    [{ 'X-Forwarded-For': '203.0.113.9' }, '127.0.0.1'],
  ]);
});
