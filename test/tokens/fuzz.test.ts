import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { importPKCS8, importSPKI } from 'jose';
import type { KeyRing } from '../../src/tokens/keys/key-ring.ts';
import { publicKeyOf } from '../../src/tokens/keys/public-key.ts';
import { createTokenVerifier } from '../../src/tokens/verify.ts';
import { byEcdsa, byHmac, decode, forge, keyFor, newKey, part, unsigned } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const SEED = 20_260_101;
const NOW = 1_800_000_000;

const KEY = await keyFor('ES256');
const FOREIGN = await newKey('ES256');
const PUBLIC = createPublicKey(KEY).export({ type: 'spki', format: 'pem' }).toString();
const { kid } = await publicKeyOf(createPrivateKey(KEY), 'ES256');

const RING: KeyRing = {
  algorithm: 'ES256',
  signing: { kid, key: await importPKCS8(KEY, 'ES256') },
  verifying: [{ kid, algorithm: 'ES256', key: await importSPKI(PUBLIC, 'ES256') }],
  publicKeys: [],
};

const CLAIMS = { iat: NOW, exp: NOW + 300, sid: 'sid', jti: 'jti', token_use: 'access', sub: 'user' };
const verify = createTokenVerifier({ use: 'access', skew: 0, iatSkew: 0, issuer: 'issuer', audience: ['api'] });

/** Anything that JSON can say, now and then with members that objects have by themselves. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom({ toString: 1, valueOf: 1 }, { length: -1 }, [[]], Number.MAX_VALUE, -0, '\0', '\ud800', '__proto__'),
);

const algorithms = fc.oneof(fc.constantFrom('ES256', 'none', 'HS256', 'RS256', 'ES384', 'EdDSA', 'es256'), anything);
const header = fc.record(
  {
    alg: algorithms,
    kid: fc.oneof(fc.constantFrom(kid, ''), anything),
    typ: fc.oneof(fc.constantFrom('JWT', 'jwt', 'at+jwt'), anything),
    crit: anything,
    b64: anything,
    jwk: anything,
    jku: fc.webUrl(),
    x5c: anything,
    zip: anything,
    more: anything,
  },
  { requiredKeys: ['alg'] },
);

const claimNames = ['iat', 'exp', 'nbf', 'sid', 'jti', 'token_use', 'sub', 'iss', 'aud'] as const;
const claims = fc
  .dictionary(fc.constantFrom(...claimNames), anything)
  .map((changes) => ({ ...CLAIMS, iss: 'issuer', aud: 'api', ...changes }));

/** Signers that have not the server's key. */
const strangers = fc.constantFrom(byEcdsa(FOREIGN), byHmac(PUBLIC), byHmac(''), unsigned, () => Buffer.alloc(64));

const segment = fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary', maxLength: 20 }), anything.map(part), fc.constant(''));
const shapes = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(segment, { maxLength: 6 }).map((parts) => parts.join('.')),
);

/** Tokens that nobody with the key has signed. */
const tokens = fc.oneof(
  fc.tuple(fc.oneof(header, anything), fc.oneof(claims, anything), strangers).map(([head, body, sign]) => forge(head, body, sign)),
  fc.tuple(header, claims, segment).map(([head, body, signature]) => `${part(head)}.${part(body)}.${signature}`),
  shapes,
);

test('nothing that is not signed with the key passes, and nothing throws', async () => {
  await fc.assert(
    fc.asyncProperty(tokens, async (token) => {
      assert.equal(await verify(RING, token, NOW), 'invalid');
    }),
    { seed: SEED, numRuns: 4000 },
  );
});

test('what is signed with the key passes only with the claims and headers that ours have', async () => {
  let passed = 0;
  const headers = fc.oneof(fc.constant({ alg: 'ES256', typ: 'JWT', kid }), header);
  await fc.assert(
    fc.asyncProperty(headers, claims, async (head, body) => {
      const found = await verify(RING, forge(head, body, byEcdsa(KEY)), NOW);
      if (typeof found === 'string') return;
      passed += 1;
      assert.equal(head.alg, 'ES256');
      assert.ok(Object.keys(head).every((member) => ['alg', 'typ', 'kid'].includes(member)));
      const { sub, sid, jti, iat, exp, nbf, token_use, iss, aud } = found;
      for (const text of [sub, sid, jti]) assert.ok(typeof text === 'string' && text !== '');
      assert.ok(token_use === 'access' && iss === 'issuer' && [aud].flat().includes('api'));
      assert.ok(iat <= NOW && exp > NOW && (nbf === undefined || (typeof nbf === 'number' && nbf <= NOW)));
    }),
    { seed: SEED, numRuns: 3000 },
  );
  assert.ok(passed > 50, `${passed} passed`);
});

test('the guard and the refresh answer 401 and 400 to all of it', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: 'ES256' });
  const app = await signedUp(server);
  const good = { access: decode(app.accessToken).claims, refresh: decode(app.refreshToken).claims };
  const forged = fc.tuple(header, fc.dictionary(fc.constantFrom(...claimNames), anything), strangers);
  // What Node sends in a header: printable Latin 1, and no blanks, which would make it another header.
  const sendable = fc.oneof(
    forged.map(([head, changes, sign]) => forge(head, { ...good.access, ...changes }, sign)),
    shapes.map((text) => text.replace(/[^\x21-\x7e\xa1-\xff]/g, '') || 'x'),
  );
  await fc.assert(
    fc.asyncProperty(sendable, async (token) => {
      assert.equal((await server.me(token)).status, 401);
    }),
    { seed: SEED, numRuns: 1000 },
  );
  const refreshable = fc.oneof(
    forged.map(([head, changes, sign]) => forge(head, { ...good.refresh, ...changes }, sign)),
    shapes,
  );
  await fc.assert(
    fc.asyncProperty(refreshable, async (token) => {
      assert.equal((await app.refresh(token, { take: false })).status, 400);
    }),
    { seed: SEED, numRuns: 1000 },
  );
  assert.equal((await app.refresh()).status, 200);
});
