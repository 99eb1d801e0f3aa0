import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from 'allauth-kit/verify';
import { testDatabase } from '../support/database.ts';
import { Clock } from '../support/server.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';

for (const [ahead, accepts] of [
  [1, true],
  [58, true],
  [120, false],
] as const) {
  test(`the tokens of a server whose clock is ${ahead} s ahead are ${accepts ? 'accepted' : 'refused'}; its refresh tokens are accepted`, async (t) => {
    const DATABASE = await testDatabase(t);
    const fast = new Clock();
    fast.advance(ahead);
    const one = await tokenServer(t, { DATABASE }, { clock: fast });
    const other = await tokenServer(t, { DATABASE });
    const { accessToken, refreshToken } = await signedUp(one);
    const app = Object.assign(other.app(), { accessToken, refreshToken });
    const expected = accepts ? 200 : 401;
    assert.equal((await app.session({ auth: 'bearer' })).status, expected);
    assert.equal((await other.me(accessToken)).status, expected, 'the guard of the server');
    assert.equal((await other.me(accessToken)).status, expected, 'the same token again');
    const keys = { keys: [...other.kit.plugins.HEADLESS_TOKEN_STRATEGY.publicKeys()] };
    const verifier = createVerifier({ keys, now: other.clock.now });
    const outcome = await verifier.authenticate({ get: () => `Bearer ${accessToken}` });
    assert.equal('claims' in outcome, accepts, 'a guard elsewhere');
    assert.equal((await app.refresh()).status, 200);
    assert.equal((await other.me(app.accessToken)).status, 200);
  });
}

test('HEADLESS_JWT_IAT_SKEW=0 accepts no token of the future', async (t) => {
  const DATABASE = await testDatabase(t);
  const fast = new Clock();
  fast.advance(30);
  const one = await tokenServer(t, { DATABASE }, { clock: fast });
  const other = await tokenServer(t, { DATABASE, HEADLESS_JWT_IAT_SKEW: 0 });
  const { accessToken, refreshToken } = await signedUp(one);
  assert.equal((await other.me(accessToken)).status, 401);
  const app = Object.assign(other.app(), { refreshToken });
  assert.equal((await app.refresh()).status, 200);
});
