import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVerifier } from 'allauth-kit/verify';
import { part } from '../tokens/support/jwt.ts';
import { issued } from './support/issuer.ts';

const RUNS = 25_000;

const { token, publicKey, kid, now } = await issued();
const errors: Error[] = [];
const verifier = createVerifier({ keys: { keys: [publicKey] }, onError: (error) => void errors.push(error) });
const GOOD = token();
const [HEAD = '', BODY = '', SIGNATURE = ''] = GOOD.split('.');

const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.base64String({ maxLength: 200 }), fc.json());
const header = fc.record(
  {
    alg: fc.oneof(fc.constantFrom('RS256', 'none', 'HS256', 'ES256', 'rs256'), fc.jsonValue()),
    typ: fc.oneof(fc.constantFrom('JWT', 'at+jwt'), fc.jsonValue()),
    kid: fc.oneof(fc.constant(kid), fc.jsonValue()),
    jwk: fc.constant(publicKey),
    crit: fc.jsonValue(),
    b64: fc.boolean(),
    zip: fc.constant('DEF'),
  },
  { requiredKeys: [] },
);
const claims = fc.record(
  {
    sub: fc.jsonValue(),
    exp: fc.oneof(fc.constant(now + 300), fc.jsonValue()),
    token_use: fc.constant('access'),
    sid: fc.string(),
    jti: fc.string(),
    iat: fc.constant(now),
  },
  { requiredKeys: [] },
);

/** Whatever comes, it is a refusal of the documented form, and never a pass or an error of another kind. */
async function assertRefused(authorization: string): Promise<void> {
  const outcome = await verifier.authenticate({ get: () => authorization });
  assert.ok('refusal' in outcome, authorization);
  assert.equal(outcome.refusal.status, 401);
  assert.match(
    outcome.refusal.headers['WWW-Authenticate'] ?? '',
    /^Bearer realm="api"(?:, error="invalid_token", error_description="[\w .]+")?$/,
  );
}

const SHAPES: Record<string, fc.Arbitrary<string>> = {
  'any header': fc.oneof(
    anything,
    fc.tuple(fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', ' Bearer\t', 'BEARER '), anything).map((all) => all.join('')),
  ),
  'any three parts': fc
    .tuple(
      fc.oneof(fc.constant(HEAD), header.map(part), anything.map(part)),
      fc.oneof(claims.map(part), anything.map(part)),
      fc.oneof(fc.constant(SIGNATURE), anything.map(part), fc.constant('')),
    )
    .map((parts) => `Bearer ${parts.join('.')}`),
  'headers that are no good': fc
    .tuple(header.map(part), fc.constant(BODY))
    .filter(([head]) => head !== HEAD)
    .map(([head, body]) => `Bearer ${head}.${body}.${SIGNATURE}`),
  'a good token with one character changed, cut or added': fc
    .tuple(
      fc.nat(GOOD.length - 2),
      fc.constantFrom('change', 'cut', 'add'),
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
    )
    .filter(([at, how, by]) => how !== 'change' || GOOD[at] !== by)
    // A blank at the end of a header is none of the token.
    .filter(([at, how, by]) => by.trim() !== '' || how === 'cut' || at > 0)
    .map(([at, how, by]) => `Bearer ${GOOD.slice(0, at)}${how === 'cut' ? '' : by}${GOOD.slice(how === 'add' ? at : at + 1)}`),
};

for (const [what, shape] of Object.entries(SHAPES)) {
  test(`${RUNS} inputs, ${what}: refused, every one`, async () => {
    await fc.assert(fc.asyncProperty(shape, assertRefused), { numRuns: RUNS });
    assert.deepEqual(errors, []);
  });
}

test('the good token among them passes', async () => {
  assert.ok('claims' in (await verifier.authenticate({ get: () => `Bearer ${GOOD}` })));
});
