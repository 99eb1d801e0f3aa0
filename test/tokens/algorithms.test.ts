import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { send } from '../support/http.ts';
import { ALGORITHMS } from '../../src/contracts/algorithms.ts';
import { keyKindOf } from '../../src/tokens/keys/key-kinds.ts';
import { decode, keyFor } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: signup, refresh, session by access token, guard, verification by the key set`, async (t) => {
    const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: algorithm });
    const app = await signedUp(server);
    const first = app.accessToken;
    assert.equal((await app.refresh()).status, 200);
    assert.notEqual(app.accessToken, first);
    assert.equal((await app.session({ auth: 'bearer' })).status, 200);
    for (const token of [first, app.accessToken]) assert.equal((await server.me(token)).status, 200);

    const keySet = (await send(server.url, { path: '/.well-known/jwks.json' })).json as JSONWebKeySet;
    const secret = keyKindOf(algorithm).type === 'secret';
    assert.equal(keySet.keys.length, secret ? 0 : 1);
    for (const token of [first, app.accessToken, app.refreshToken]) {
      const { header } = decode(token);
      assert.equal(header['alg'], algorithm);
      const { payload } = secret
        ? await jwtVerify(token, Buffer.from(await keyFor(algorithm)), { algorithms: [algorithm] })
        : await jwtVerify(token, createLocalJWKSet(keySet), { algorithms: [algorithm] });
      assert.equal(payload['sid'], decode(app.accessToken).claims['sid']);
      const [key] = keySet.keys;
      assert.equal(header['kid'], key && (await calculateJwkThumbprint(key)));
      assert.equal('kid' in header, !secret, 'HS* tokens carry no kid');
    }
  });
}

test('a server of one algorithm refuses the tokens of another with the same key', async (t) => {
  const key = await keyFor('RS256');
  const rs256 = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: 'RS256' });
  const app = await signedUp(rs256);
  const others = ['RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
  for (const algorithm of others) {
    const server = await tokenServer(t, {
      DATABASE: rs256.kit.settings.DATABASE,
      HEADLESS_JWT_ALGORITHM: algorithm,
      HEADLESS_JWT_PRIVATE_KEY: key,
    });
    assert.equal((await server.me(app.accessToken)).status, 401, algorithm);
    const foreign = server.app();
    assert.equal((await foreign.session({ auth: 'bearer', accessToken: app.accessToken })).status, 401, algorithm);
    assert.equal((await foreign.refresh(app.refreshToken)).status, 400, algorithm);
  }
  assert.equal((await app.refresh()).status, 200, 'none of them spent it');
});
