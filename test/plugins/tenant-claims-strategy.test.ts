import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JWTTokenStrategy } from 'allauth-kit/plugin';
import type { Config } from 'allauth-kit';
import { updateUser } from '../../src/store/users.ts';
import { testServer } from '../support/server.ts';
import { decode, keyFor } from '../tokens/support/jwt.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';

const PATH = './plugins/tenant-claims-strategy.ts#TenantClaimsStrategy';

test('its claims stand in the access token at login and at each refresh, and the guard gives them', async (t) => {
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: [PATH, { tenant: 'acme' }] });
  const app = await signedUp(server);
  const claimsOf = (token: string) => {
    const { tenant, staff, client } = decode(token).claims;
    return { tenant, staff, client };
  };
  assert.deepEqual(claimsOf(app.accessToken), { tenant: 'acme', staff: false, client: 'app' });
  assert.deepEqual(claimsOf(app.refreshToken), { tenant: undefined, staff: undefined, client: undefined }, 'access tokens alone');
  assert.deepEqual((await server.me(app.accessToken)).json, decode(app.accessToken).claims);

  await updateUser(server.kit.db, String(decode(app.accessToken).claims['sub']), { isStaff: true });
  assert.equal((await app.refresh()).status, 200);
  assert.deepEqual(claimsOf(app.accessToken), { tenant: 'acme', staff: true, client: 'app' }, 'a refresh asks anew');
  assert.equal((await app.session({ auth: 'bearer' })).status, 200);

  const other = server.app();
  await other.login(app.email);
  assert.deepEqual(claimsOf(other.accessToken), { tenant: 'acme', staff: true, client: 'app' });
});

test('without options it has its own default; options that it refuses stop the start', async (t) => {
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: PATH });
  const app = await signedUp(server);
  assert.equal(decode(app.accessToken).claims['tenant'], 'default');
  const settings: Config = { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), HEADLESS_TOKEN_STRATEGY: [PATH, { tenant: '' }] };
  await assert.rejects(testServer(t, settings), ({ message }: Error) => {
    assert.match(message, /^HEADLESS_TOKEN_STRATEGY: .*tenant-claims-strategy\.ts.* could not be made: the option tenant is empty$/);
    return true;
  });
});

/** Tries to be somebody else. */
class GreedyStrategy extends JWTTokenStrategy {
  override async getClaims(): Promise<Record<string, unknown>> {
    const own = { sub: 'admin', sid: 'x', jti: 'x', iat: 1, exp: 4_000_000_000, token_use: 'refresh' };
    return { ...own, iss: 'https://evil.example.org', aud: 'elsewhere', roles: ['editor'], nested: { deep: [1, { two: null }] } };
  }
}

test('reserved claims cannot be overridden; iss and aud only where the settings have none', async (t) => {
  const expected = { issuer: 'https://auth.example.org', audience: ['api'] };
  const set = { HEADLESS_JWT_ISSUER: expected.issuer, HEADLESS_JWT_AUDIENCE: expected.audience };
  for (const settings of [{}, set]) {
    const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: GreedyStrategy, ...settings });
    const app = await signedUp(server);
    const check = async (): Promise<void> => {
      const [access, refresh] = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
      for (const name of ['sub', 'sid', 'iat']) assert.equal(access[name], refresh[name], name);
      assert.notEqual(access['jti'], 'x');
      assert.equal(access['token_use'], 'access');
      assert.equal(access.exp - access.iat, 300);
      assert.deepEqual([access['roles'], access['nested']], [['editor'], { deep: [1, { two: null }] }]);
      const evil = settings !== set;
      assert.deepEqual(
        [access['iss'], access['aud']],
        evil ? ['https://evil.example.org', 'elsewhere'] : [expected.issuer, expected.audience],
      );
      assert.equal((await server.me(app.accessToken)).status, 200);
      assert.equal((await app.session({ auth: 'bearer' })).status, 200);
    };
    await check();
    assert.equal((await app.refresh()).status, 200);
    await check();
  }
});
