import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientNetwork, parseAddress } from '../../src/kit/addresses.ts';
import { newEmail } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

/** What proxies write for one client (RFC 7239 section 6, and what is seen), and its one form. */
const FORMS: readonly (readonly [string, string])[] = [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:51234', '203.0.113.7'],
  ['"203.0.113.7:51234"', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:FFFF:CB00:7107', '203.0.113.7'],
  ['[::ffff:cb00:7107]:443', '203.0.113.7'],
  ['64:ff9b::cb00:7107', '203.0.113.7'],
  ['64:ff9b::203.0.113.7', '203.0.113.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['"[2001:db8::1]:443"', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
];

for (const [title, settings, header] of [
  ['X-Forwarded-For', { ALLAUTH_TRUSTED_PROXY_COUNT: 1 }, 'X-Forwarded-For'],
  ['the trusted header', { ALLAUTH_TRUSTED_CLIENT_IP_HEADER: 'X-Client' }, 'X-Client'],
] as const) {
  test(`each way to write an address in ${title} is one client, with one limit`, async (t) => {
    const server = await testServer(t, { ...settings, ACCOUNT_RATE_LIMITS: { login_failed: '2/m/ip' } });
    for (const [written, shown] of FORMS) {
      const app = server.app();
      app.headers = { [header]: written };
      await app.signup(newEmail());
      assert.equal(dig((await app.get('auth/sessions')).data, 0, 'ip'), shown, written);
    }
    const guess = async (address: string): Promise<readonly string[]> => {
      const app = server.app();
      app.headers = { [header]: address };
      return (await app.post('auth/login', { email: newEmail(), password: 'wrong-Horse-9-staple' })).errorCodes;
    };
    const codes = [];
    for (const [written, shown] of FORMS) if (shown === '203.0.113.7') codes.push(...(await guess(written)));
    assert.equal(codes.filter((code) => code === 'password:email_password_mismatch').length, 2, codes.join());
    assert.ok(
      codes.slice(2).every((code) => code === ':too_many_login_attempts'),
      codes.join(),
    );
    // Another client of IPv4 in IPv6 clothes is not refused with it.
    assert.deepEqual(await guess('::ffff:cb00:7108'), ['password:email_password_mismatch']);
    assert.deepEqual(await guess('64:ff9b::cb00:7109'), ['password:email_password_mismatch']);
  });
}

test('an entry that is no address is warned of once', async (t) => {
  const server = await testServer(t, { ALLAUTH_TRUSTED_PROXY_COUNT: 1 });
  for (const entry of ['unknown', '_hidden', 'unknown']) {
    const app = server.app();
    app.headers = { 'X-Forwarded-For': entry };
    await app.get('config');
  }
  assert.equal(server.log.filter((line) => line.includes('names no IP address')).length, 1);
});

test('networks are told apart by the bits of the prefix', () => {
  assert.equal(clientNetwork('2001:db8::1', 64), clientNetwork('2001:db8::ffff', 64));
  assert.notEqual(clientNetwork('::ffff:cb00:7107', 64), clientNetwork('::ffff:cb00:7108', 64));
  for (const text of ['', '1.2.3', '0x7f.0.0.1', '1.2.3.4:', '[1.2.3.4', '::1]', '"', '1'.repeat(5000)])
    assert.equal(parseAddress(text), null, text);
});
