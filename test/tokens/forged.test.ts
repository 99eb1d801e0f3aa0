import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { AppClient } from '../support/clients.ts';
import { otherAlgorithms, otherClaims, otherHeaders, otherShapes, type Forgeries, type Material } from './support/forgeries.ts';
import { byEcdsa, byHmac, byRsa, decode, forge, keyFor, newKey, unsigned } from './support/jwt.ts';
import { signedUp, tokenServer, type TokenServer } from './support/server.ts';

const KEYS = { key: await keyFor('RS256'), foreign: await newKey('RS256'), curve: await newKey('ES256') };

/** Every list of forgeries, made of one good token. */
const LISTS: [string, (material: Material, now: number) => Forgeries][] = [
  ['another algorithm', otherAlgorithms],
  ['another header', otherHeaders],
  ['another shape', otherShapes],
  ['other claims', otherClaims],
];

/** Refused alike by the guard, by the endpoints, and for a refresh. */
async function assertRefused(server: TokenServer, app: AppClient, forgeries: { access: Forgeries; refresh: Forgeries }): Promise<void> {
  const long = Object.keys(forgeries.access).filter((what) => what.startsWith('longer'));
  for (const [what, accessToken] of Object.entries(forgeries.access)) {
    // Node itself answers 431 to headers of that size.
    const expected = long.includes(what) ? [431, 431] : [401, 401];
    const statuses = [(await server.me(accessToken)).status, (await app.session({ auth: 'bearer', accessToken })).status];
    assert.deepEqual(statuses, expected, `access token: ${what}`);
  }
  for (const [what, token] of Object.entries(forgeries.refresh)) {
    const { status, text } = await app.refresh(token, { take: false });
    assert.deepEqual([status, text], [400, '{"status":400}'], `refresh token: ${what}`);
  }
  assert.ok(!server.log.some((line) => line.includes('a request failed')), 'none of them is a fault of the server');
}

async function open(t: TestContext, settings: Parameters<typeof tokenServer>[1] = {}) {
  const server = await tokenServer(t, settings);
  const app = await signedUp(server);
  return { server, app, access: decode(app.accessToken), refresh: decode(app.refreshToken) };
}

/** The `iat` of a refresh token is not compared with the clock: clocks of servers differ, and its row has its times. */
function withoutIat({ 'iat in the future': _, ...others }: Forgeries): Forgeries {
  return others;
}

for (const [what, make] of LISTS) {
  test(`forged with ${what}: opens nothing, refreshes nothing, breaks nothing`, async (t) => {
    const { server, app, access, refresh } = await open(t);
    const now = server.clock.now();
    await assertRefused(server, app, {
      access: make({ ...access, ...KEYS }, now),
      refresh: withoutIat(make({ ...refresh, ...KEYS }, now)),
    });
    assert.equal((await app.refresh()).status, 200, 'the good one goes on serving');
  });
}

test('signed anew with the right key they are good: what is refused above is refused for its fault alone', async (t) => {
  const { server, app, access, refresh } = await open(t);
  const good = [forge(access.header, access.claims, byRsa(KEYS.key)), forge({ alg: 'RS256' }, access.claims, byRsa(KEYS.key))];
  for (const accessToken of good) {
    assert.equal((await server.me(accessToken)).status, 200);
    assert.equal((await app.session({ auth: 'bearer', accessToken })).status, 200);
  }
  assert.equal((await app.refresh(forge(refresh.header, refresh.claims, byRsa(KEYS.key)))).status, 200);
});

test('each of the tokens serves for its own use alone', async (t) => {
  const { server, app } = await open(t);
  assert.equal((await server.me(app.refreshToken)).status, 401);
  assert.equal((await server.me(app.sessionToken)).status, 401);
  assert.equal((await app.session({ auth: 'bearer', accessToken: app.refreshToken })).status, 401);
  assert.equal((await app.session({ auth: 'session', sessionToken: app.refreshToken })).status, 410);
  assert.equal((await app.refresh(app.accessToken, { take: false })).status, 400);
  assert.equal((await app.refresh(app.sessionToken, { take: false })).status, 400);
  assert.equal((await app.refresh()).status, 200);
});

test('ES256: an all-zero signature, one in DER, one of another curve, and other algorithms', async (t) => {
  const { server, app, access, refresh } = await open(t, { HEADLESS_JWT_ALGORITHM: 'ES256' });
  const key = await keyFor('ES256');
  const make = ({ header, claims }: typeof access): Forgeries => {
    const good = byEcdsa(key)('x');
    return {
      'all zero': forge(header, claims, () => Buffer.alloc(64)),
      'r is zero': forge(header, claims, (input) => Buffer.concat([Buffer.alloc(32), byEcdsa(key)(input).subarray(32)])),
      's is zero': forge(header, claims, (input) => Buffer.concat([byEcdsa(key)(input).subarray(0, 32), Buffer.alloc(32)])),
      'all ones': forge(header, claims, () => Buffer.alloc(64, 0xff)),
      empty: forge(header, claims, unsigned),
      'too short': forge(header, claims, (input) => byEcdsa(key)(input).subarray(1)),
      'too long': forge(header, claims, (input) => Buffer.concat([byEcdsa(key)(input), Buffer.alloc(1)])),
      'of another text': forge(header, claims, () => good),
      'another key': forge(header, claims, byEcdsa(KEYS.curve)),
      'ES384 with the right key': forge({ ...header, alg: 'ES384' }, claims, byEcdsa(key, 'sha384')),
      'HS256 with nothing': forge({ ...header, alg: 'HS256' }, claims, byHmac('')),
      none: forge({ ...header, alg: 'none' }, claims, unsigned),
    };
  };
  await assertRefused(server, app, { access: make(access), refresh: make(refresh) });
  assert.equal((await server.me(forge(access.header, access.claims, byEcdsa(key)))).status, 200);
});

test('HS256: another secret, an empty one, a kid, and other algorithms', async (t) => {
  const { server, app, access, refresh } = await open(t, { HEADLESS_JWT_ALGORITHM: 'HS256' });
  const key = await keyFor('HS256');
  const make = ({ header, claims }: typeof access): Forgeries => ({
    'another secret': forge(header, claims, byHmac('x'.repeat(32))),
    'an empty secret': forge(header, claims, byHmac('')),
    'a secret cut by one': forge(header, claims, byHmac(key.slice(0, -1))),
    'a kid': forge({ ...header, kid: 'x' }, claims, byHmac(key)),
    'half a signature': forge(header, claims, (input) => byHmac(key)(input).subarray(0, 16)),
    'HS512 with the right secret': forge({ ...header, alg: 'HS512' }, claims, byHmac(key, 'sha512')),
    RS256: forge({ ...header, alg: 'RS256' }, claims, byRsa(KEYS.key)),
    none: forge({ ...header, alg: 'none' }, claims, unsigned),
  });
  await assertRefused(server, app, { access: make(access), refresh: make(refresh) });
  assert.equal((await server.me(forge(access.header, access.claims, byHmac(key)))).status, 200);
});
