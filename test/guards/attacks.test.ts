import assert from 'node:assert/strict';
import { createVerifier, TokenRefused } from 'allauth-kit/verify';
import { test } from 'node:test';
import { otherAlgorithms, otherClaims, otherHeaders, otherShapes } from '../tokens/support/forgeries.ts';
import { byEcdsa, byHmac, byRsa, decode, forge, keyFor, newKey } from '../tokens/support/jwt.ts';
import { issued } from './support/issuer.ts';

const KEYS = { key: await keyFor('RS256'), foreign: await newKey('RS256'), curve: await newKey('ES256') };
const { token, publicKey, now, kid } = await issued(KEYS.key);
const { header, claims } = decode(token());
const refusals: string[] = [];
const verifier = createVerifier({ keys: { keys: [publicKey] }, onRefused: ({ why }) => void refusals.push(why) });

const LISTS = {
  'another algorithm': otherAlgorithms,
  'another header': otherHeaders,
  'another shape': otherShapes,
  'other claims': otherClaims,
};

for (const [list, make] of Object.entries(LISTS)) {
  for (const [what, forged] of Object.entries(make({ header, claims, ...KEYS }, now))) {
    test(`refused, ${list}: ${what}`, async () => {
      await assert.rejects(verifier.verify(forged), (error) => error instanceof TokenRefused && error.refusal.status === 401);
    });
  }
}

test('signed anew with the right key they are good', async () => {
  assert.equal((await verifier.verify(forge(header, claims, byRsa(KEYS.key)))).sub, 'user');
  assert.equal((await verifier.verify(forge({ alg: 'RS256' }, claims, byRsa(KEYS.key)))).sub, 'user');
});

test('refused: a refresh token, also with the typ of an access token', async () => {
  for (const typ of ['JWT', 'at+jwt']) await assert.rejects(verifier.verify(token({ token_use: 'refresh' }, { typ })), TokenRefused);
  assert.ok(refusals.includes('not an access token'));
});

test('refused: a token for others than this verifier', async () => {
  await assert.rejects(verifier.verify(token({ aud: 'billing' })), TokenRefused);
  const named = createVerifier({ keys: { keys: [publicKey] }, audience: ['api', 'web'], issuer: 'https://a.example' });
  const iss = 'https://a.example';
  for (const bad of [
    {},
    { aud: 'api' },
    { iss },
    { iss, aud: 'billing' },
    { iss, aud: [] },
    { iss: [iss], aud: 'api' },
    { iss: `${iss}/`, aud: 'api' },
  ])
    await assert.rejects(named.verify(token(bad)), TokenRefused, JSON.stringify(bad));
  assert.ok(await named.verify(token({ iss, aud: ['x', 'web'] })));
});

test('refused: one kid for keys of two kinds does not mix their algorithms', async () => {
  const secret = 'x'.repeat(64);
  const both = createVerifier({
    keys: { keys: [publicKey, { kty: 'oct', k: Buffer.from(secret).toString('base64url'), alg: 'HS256', kid }] },
  });
  assert.ok(await both.verify(forge({ ...header, alg: 'HS256' }, claims, byHmac(secret))));
  assert.ok(await both.verify(token()));
  await assert.rejects(both.verify(forge({ ...header, alg: 'HS256' }, claims, byHmac(JSON.stringify(publicKey)))), TokenRefused);
  await assert.rejects(both.verify(forge(header, claims, byHmac(secret))), TokenRefused);
  await assert.rejects(both.verify(forge({ ...header, alg: 'HS512' }, claims, byHmac(secret, 'sha512'))), TokenRefused);
  await assert.rejects(both.verify(forge({ ...header, alg: 'ES256' }, claims, byEcdsa(KEYS.curve))), TokenRefused);
});

test('RFC 9068: the typ is strict, its claims are required', async () => {
  const iss = 'https://a.example';
  const strict = createVerifier({ keys: { keys: [publicKey] }, profile: 'rfc9068', issuer: iss, audience: 'api' });
  const good = { iss, aud: 'api', client_id: 'app' };
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) assert.ok(await strict.verify(token(good, { typ })));
  for (const typ of ['JWT', undefined, 'application/jwt', 'rt+jwt', 'at+jwt '])
    await assert.rejects(strict.verify(token(good, { typ })), TokenRefused);
  for (const claim of ['iss', 'aud', 'client_id', 'sub', 'jti', 'iat', 'exp'])
    await assert.rejects(strict.verify(token({ ...good, [claim]: undefined }, { typ: 'at+jwt' })), TokenRefused, claim);
  await assert.rejects(strict.verify(token({ ...good, token_use: 'refresh' }, { typ: 'at+jwt' })), TokenRefused);
});

test('scopes: all of them; roles: one of them; as text or list', async () => {
  const status = async (more: object, needs: object): Promise<number> =>
    verifier.verify(token(more), needs).then(
      () => 200,
      (error: TokenRefused) => error.refusal.status,
    );
  const needs = { scopes: ['read', 'write'] };
  assert.deepEqual([await status({ scope: 'write read x' }, needs), await status({ scope: ['read', 'write'] }, needs)], [200, 200]);
  for (const scope of [undefined, '', 'read', 'readwrite', 'read,write', { read: true, write: true }, 7])
    assert.equal(await status({ scope }, needs), 403, JSON.stringify(scope));
  assert.deepEqual(
    [await status({ roles: ['a'] }, { roles: ['a', 'b'] }), await status({ roles: ['c'] }, { roles: ['a', 'b'] })],
    [200, 403],
  );
});
