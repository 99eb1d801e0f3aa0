import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { importPKCS8, importSPKI } from 'jose';
import { createTokenCheck, type VerifyingKey } from '../../src/jwt/token.ts';
import type { KeyRing } from '../../src/tokens/keys/key-ring.ts';
import { publicKeyOf } from '../../src/tokens/keys/public-key.ts';
import { signToken, type OwnClaims } from '../../src/tokens/sign.ts';
import type { AccessClaims } from '../../src/contracts/plug-points/token-strategy.ts';
import { createVerifiedTokens } from '../../src/jwt/verified-tokens.ts';
import { createTokenVerifier, timeFault } from '../../src/tokens/verify.ts';
import { decode, keyFor, newKey } from './support/jwt.ts';

const NOW = 1_800_000_000;
const verify = createTokenVerifier({ use: 'access', skew: 0, iatSkew: 0 });
const CLAIMS: OwnClaims = { iat: NOW, exp: NOW + 300, sid: 'sid', jti: 'jti', token_use: 'access', sub: 'user' };

/** A ring of ES256 keys; without kids, as HS* has none. */
async function ringOf(pems: readonly string[], { kids = true } = {}): Promise<KeyRing> {
  const verifying: VerifyingKey[] = [];
  for (const pem of pems) {
    const { kid } = await publicKeyOf(createPrivateKey(pem), 'ES256');
    const spki = createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
    verifying.push({ ...(kids && { kid }), algorithm: 'ES256', key: await importSPKI(spki, 'ES256') });
  }
  const [first = ''] = pems;
  const { kid } = verifying[0] ?? {};
  return {
    algorithm: 'ES256',
    signing: { ...(kid !== undefined && { kid }), key: await importPKCS8(first, 'ES256') },
    verifying,
    publicKeys: [],
  };
}

const KEY = await keyFor('ES256');
const RING = await ringOf([KEY]);

test('own claims win over those that a strategy adds', async () => {
  const token = await signToken(RING, CLAIMS, { sub: 'admin', exp: 1, iat: 1, sid: 'x', jti: 'x', token_use: 'refresh', role: 'editor' });
  assert.deepEqual(decode(token).claims, { ...CLAIMS, role: 'editor' });
  assert.deepEqual(await verify(RING, token, NOW), { ...CLAIMS, role: 'editor' });
});

test('a token without kid is tried with each key; one with a kid only with that', async () => {
  const other = await newKey('ES256');
  const both = await ringOf([other, KEY]);
  const nameless = await signToken(await ringOf([KEY], { kids: false }), CLAIMS);
  assert.equal('kid' in decode(nameless).header, false);
  assert.deepEqual(await verify(both, nameless, NOW), CLAIMS);
  assert.equal(await verify(await ringOf([other]), nameless, NOW), 'invalid');
  assert.deepEqual(await verify(both, await signToken(RING, CLAIMS), NOW), CLAIMS);
  assert.equal(await verify(await ringOf([other]), await signToken(RING, CLAIMS), NOW), 'invalid');
});

test('expired is told from invalid only for tokens that were ours', async () => {
  const late = NOW + 300;
  assert.equal(await verify(RING, await signToken(RING, CLAIMS), late), 'expired');
  const foreign = await ringOf([await newKey('ES256')]);
  assert.equal(await verify(RING, await signToken(foreign, CLAIMS), late), 'invalid');
  assert.equal(await verify(RING, await signToken(RING, { ...CLAIMS, token_use: 'refresh' }), late), 'invalid');
  assert.equal(await verify(RING, await signToken(RING, { ...CLAIMS, sub: '' }), late), 'invalid');
});

test('times, to the second, with and without skew', async () => {
  const at = (now: number, skew: number, more: object = {}): unknown => timeFault({ ...CLAIMS, ...more }, now, { skew, iatSkew: 0 });
  assert.deepEqual([at(NOW + 299, 0), at(NOW + 300, 0)], [null, 'expired']);
  assert.deepEqual([at(NOW + 309, 10), at(NOW + 310, 10)], [null, 'expired']);
  assert.deepEqual([at(NOW, 0), at(NOW - 1, 0), at(NOW - 10, 10), at(NOW - 11, 10)], [null, 'invalid', null, 'invalid']);
  const nbf = { iat: NOW - 100, nbf: NOW + 50 };
  assert.deepEqual(
    [at(NOW + 50, 0, nbf), at(NOW + 49, 0, nbf), at(NOW + 40, 10, nbf), at(NOW + 39, 10, nbf)],
    [null, 'invalid', null, 'invalid'],
  );

  const token = await signToken(RING, { ...CLAIMS }, { nbf: NOW + 50 });
  const tolerant = createTokenVerifier({ use: 'access', skew: 10, iatSkew: 0 });
  const verdicts = [NOW + 39, NOW + 40, NOW + 309, NOW + 310].map(async (now) => tolerant(RING, token, now));
  const [early, from, until, expired] = await Promise.all(verdicts);
  assert.deepEqual([early, typeof from, typeof until, expired], ['invalid', 'object', 'object', 'expired']);
});

test('each token is checked at the time of the call, however long its key takes', async () => {
  const check = createTokenCheck({ skew: 0, iatSkew: 0, typ: 'JWT', requiredClaims: [], claimsFault: () => null });
  const token = await signToken(RING, CLAIMS);
  let found = (): void => undefined;
  const early = check(token, () => new Promise((resolve) => (found = () => resolve(RING.verifying))), NOW);
  const late = await check(token, () => RING.verifying, NOW + 300);
  found();
  assert.deepEqual([await early, 'fault' in late && late.fault], [{ claims: CLAIMS }, 'expired']);
});

test('verified tokens are remembered frozen, and the least used are forgotten', async () => {
  const verified = createVerifiedTokens<AccessClaims>();
  const claims = { ...CLAIMS, token_use: 'access' as const, roles: ['editor'], nested: { deep: {} } };
  verified.add('token', claims, 700);
  const found = verified.find('token');
  assert.equal(found, claims);
  assert.ok([found, claims.roles, claims.nested, claims.nested.deep].every((each) => Object.isFrozen(each)));
  assert.equal(verified.find('toke'), undefined);
  for (let index = 0; index < 6000; index++) verified.add(`other ${index}`, { ...claims }, 700);
  assert.equal(verified.find('token'), undefined);
  assert.ok(verified.find('other 5999'));
});

test('what is used is remembered on, however much is added; long tokens count for more', async () => {
  const verified = createVerifiedTokens<AccessClaims>();
  const claims = { ...CLAIMS, token_use: 'access' as const };
  verified.add('token', claims, 700);
  for (let index = 0; index < 20_000; index++) {
    verified.add(`other ${index}`, claims, 700);
    if (index % 1000 === 0) assert.ok(verified.find('token'), String(index));
  }
  for (let index = 0; index < 700; index++) verified.add(`long ${index}`, claims, 16_000);
  assert.equal(verified.find('token'), undefined);
  assert.ok(verified.find('long 699'));
  verified.clear();
  assert.equal(verified.find('long 699'), undefined);
});
