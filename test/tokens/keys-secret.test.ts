import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { leaksIn } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { byHmac, decode, forge, newKey } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const [FIRST, SECOND, OTHER] = [await newKey('HS512'), await newKey('HS512'), await newKey('HS512')];

/** SECRET_KEY signs where HEADLESS_JWT_PRIVATE_KEY is not set. */
const HS256: Config = { HEADLESS_JWT_ALGORITHM: 'HS256', HEADLESS_JWT_PRIVATE_KEY: '' };

test('SECRET_KEY signs the tokens of HS*, and its fallbacks verify: changing it logs nobody out', async (t) => {
  const before = await tokenServer(t, { ...HS256, SECRET_KEY: FIRST });
  const { DATABASE } = before.kit.settings;
  const app = await signedUp(before);
  const { header, claims } = decode(app.accessToken);
  assert.equal(app.accessToken, forge(header, jsonOf(app.accessToken), byHmac(FIRST)), 'the secret as it is given is the key');
  assert.equal('kid' in header, false);

  const after = await tokenServer(t, { ...HS256, DATABASE, SECRET_KEY: SECOND, SECRET_KEY_FALLBACKS: ['too short', FIRST] });
  const moved = after.app();
  assert.equal((await after.me(app.accessToken)).status, 200);
  assert.equal((await moved.refresh(app.refreshToken)).status, 200);
  assert.equal(decode(moved.accessToken).claims['sid'], claims['sid']);
  assert.equal(moved.accessToken, forge(decode(moved.accessToken).header, jsonOf(moved.accessToken), byHmac(SECOND)));

  const without = await tokenServer(t, { ...HS256, DATABASE, SECRET_KEY: SECOND });
  assert.equal((await without.me(app.accessToken)).status, 401, 'a secret that is no fallback any more');
  assert.equal((await without.me(moved.accessToken)).status, 200);
});

test('HEADLESS_JWT_PRIVATE_KEY goes before SECRET_KEY, also as a list', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: 'HS256', HEADLESS_JWT_PRIVATE_KEY: [FIRST, SECOND], SECRET_KEY: OTHER });
  const app = await signedUp(server);
  const { header } = decode(app.accessToken);
  const payload = jsonOf(app.accessToken);
  assert.equal(app.accessToken, forge(header, payload, byHmac(FIRST)));
  assert.equal((await server.me(forge(header, payload, byHmac(SECOND)))).status, 200);
  assert.equal((await server.me(forge(header, payload, byHmac(OTHER)))).status, 401);
});

test('tokens of asymmetric keys are out of reach of SECRET_KEY', async (t) => {
  const server = await tokenServer(t, { SECRET_KEY: FIRST });
  const app = await signedUp(server);
  const { header } = decode(app.accessToken);
  const payload = jsonOf(app.accessToken);
  assert.equal((await server.me(forge({ ...header, alg: 'HS256' }, payload, byHmac(FIRST)))).status, 401);
  assert.equal((await server.me(forge({ alg: 'HS256', typ: 'JWT' }, payload, byHmac(FIRST)))).status, 401);
});

test('a secret that is too short stops the start, naming the setting it came from', async (t) => {
  const cases: [Config, RegExp][] = [
    [{ HEADLESS_JWT_ALGORITHM: 'HS256', HEADLESS_JWT_PRIVATE_KEY: 'short-secret' }, /^HEADLESS_JWT_PRIVATE_KEY is too short: 12 bytes/],
    [{ HEADLESS_JWT_ALGORITHM: 'HS512', SECRET_KEY: FIRST.slice(0, 50) }, /^SECRET_KEY, .* is too short: 50 bytes.*at least 64/],
    [{ HEADLESS_JWT_ALGORITHM: 'HS256', HEADLESS_JWT_PRIVATE_KEY: [FIRST, 'short-secret'] }, /^HEADLESS_JWT_PRIVATE_KEY\[1\] is too short/],
  ];
  for (const [settings, wanted] of cases) {
    await assert.rejects(testServer(t, settings), ({ message }: Error) => {
      assert.match(message, wanted);
      assert.match(message, /`allauth keys generate --algorithm HS(256|512)`/);
      assert.ok(!message.includes('short-secret'));
      assert.deepEqual(leaksIn(message), []);
      return true;
    });
  }
});

/** The payload of a JWT as the text that was signed. */
function jsonOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
}
