import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, forge, byRsa, keyFor } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const ISSUER = 'https://auth.example.org';

test('HEADLESS_JWT_ISSUER and _AUDIENCE: both claims in access tokens, iss alone in refresh tokens', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ISSUER: ISSUER, HEADLESS_JWT_AUDIENCE: ['api', 'billing'] });
  const app = await signedUp(server);
  const check = async () => {
    const [access, refresh] = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
    assert.deepEqual([access['iss'], access['aud']], [ISSUER, ['api', 'billing']]);
    assert.deepEqual([refresh['iss'], refresh['aud']], [ISSUER, undefined]);
    assert.equal((await server.me(app.accessToken)).status, 200);
    assert.equal((await app.session({ auth: 'bearer' })).status, 200);
  };
  await check();
  assert.equal((await app.refresh()).status, 200);
  await check();
});

test('a wrong or missing iss or aud is refused, on the guard and on the endpoints', async (t) => {
  const key = await keyFor('RS256');
  const server = await tokenServer(t, { HEADLESS_JWT_ISSUER: ISSUER, HEADLESS_JWT_AUDIENCE: 'api' });
  const app = await signedUp(server);
  const { header, claims } = decode(app.accessToken);
  const sign = (changes: object): string => forge(header, { ...claims, ...changes }, byRsa(key));
  const good = [sign({}), sign({ aud: ['other', 'api'] })];
  const bad = {
    'another issuer': sign({ iss: 'https://evil.example.org' }),
    'an issuer with a slash more': sign({ iss: `${ISSUER}/` }),
    'no issuer': sign({ iss: undefined }),
    'issuer in a list': sign({ iss: [ISSUER] }),
    'another audience': sign({ aud: 'other' }),
    'an audience in capitals': sign({ aud: 'API' }),
    'other audiences': sign({ aud: ['other', 'more'] }),
    'an empty list of audiences': sign({ aud: [] }),
    'no audience': sign({ aud: undefined }),
    'audience is an object': sign({ aud: { api: true } }),
  };
  for (const token of good) assert.equal((await server.me(token)).status, 200);
  for (const [what, accessToken] of Object.entries(bad)) {
    assert.equal((await server.me(accessToken)).status, 401, what);
    assert.equal((await app.session({ auth: 'bearer', accessToken })).status, 401, what);
  }
});

test('setting issuer and audience logs nobody out: old refresh tokens go on, old access tokens do not', async (t) => {
  const before = await tokenServer(t);
  const app = await signedUp(before);
  const after = await tokenServer(t, {
    DATABASE: before.kit.settings.DATABASE,
    HEADLESS_JWT_ISSUER: ISSUER,
    HEADLESS_JWT_AUDIENCE: 'api',
  });
  const moved = Object.assign(after.app(), { accessToken: app.accessToken, refreshToken: app.refreshToken });
  assert.equal((await after.me(moved.accessToken)).status, 401);
  assert.equal((await moved.refresh()).status, 200);
  assert.equal((await after.me(moved.accessToken)).status, 200);
});

test('HEADLESS_JWT_CLOCK_SKEW is the tolerance for exp, nbf and iat, HEADLESS_JWT_IAT_SKEW a larger one for iat', async (t) => {
  const key = await keyFor('RS256');
  for (const [skew, iatSkew, forIat] of [
    [0, 0, 0],
    [30, 0, 30],
    [0, 90, 90],
  ] as const) {
    const server = await tokenServer(t, { HEADLESS_JWT_CLOCK_SKEW: skew, HEADLESS_JWT_IAT_SKEW: iatSkew });
    const app = await signedUp(server);
    const { header, claims } = decode(app.accessToken);
    const status = async (changes: object) => (await server.me(forge(header, { ...claims, ...changes }, byRsa(key)))).status;
    const now = server.clock.now();
    // The clock runs on meanwhile: what is exact stands on the side that this does not change.
    assert.equal(await status({ exp: now - skew }), 401);
    assert.equal(await status({ exp: now - skew + 60 }), 200);
    assert.equal(await status({ nbf: now + skew }), 200);
    assert.equal(await status({ nbf: now + skew + 60 }), 401);
    assert.equal(await status({ iat: now + forIat }), 200);
    assert.equal(await status({ iat: now + forIat + 60 }), 401);
    assert.equal(await status({ exp: now - skew - 60 }), 401);
  }
});

test('lifetimes of access and refresh tokens, at login and at refresh', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 42, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 4242 });
  const app = await signedUp(server);
  const check = () => {
    const [access, refresh] = [decode(app.accessToken).claims, decode(app.refreshToken).claims];
    assert.equal(access.exp - access.iat, 42);
    assert.equal(refresh.exp - refresh.iat, 4242);
  };
  check();
  server.clock.advance(100);
  assert.equal((await server.me(app.accessToken)).status, 401);
  assert.equal((await app.session({ auth: 'bearer' })).status, 401, 'the client hears that it has to refresh');
  assert.equal((await app.session({ auth: 'session' })).status, 200, 'the session goes on');
  assert.equal((await app.refresh()).status, 200);
  check();
  assert.equal((await server.me(app.accessToken)).status, 200);
  server.clock.advance(4242);
  assert.equal((await app.refresh()).status, 400);
});
