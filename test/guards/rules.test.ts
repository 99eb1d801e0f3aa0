import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { createVerifier, TokenRefused, type Refusal, type Verifier, type VerifierOptions } from 'allauth-kit/verify';
import type { Algorithm } from '../../src/contracts/algorithms.ts';
import { nodeHeaders } from '../../src/guards/verify/authenticated.ts';
import { readKeySet, readPem } from '../../src/jwt/keys.ts';
import { createTokenCheck, matchKeys, timeFault, tokenIn, type VerifyingKey } from '../../src/jwt/token.ts';
import { signer } from './support/signer.ts';

const { jwk, pem, token } = signer('a');
const KEYS = { keys: [jwk] };
const URL = 'https://auth.example.org/';

/** `more` beside the keys, or in the place of them. */
function verifierOf(more: VerifierOptions = {}, keys: VerifierOptions = { keys: KEYS }) {
  const clock = { now: 1100 };
  const refusals: Refusal[] = [];
  const errors: string[] = [];
  const verifier = createVerifier({
    ...keys,
    now: () => clock.now,
    onRefused: (refusal) => void refusals.push(refusal),
    onError: ({ message }) => void errors.push(message),
    ...more,
  });
  return { clock, refusals, errors, verifier };
}

/** 200, or the status and the reason of the refusal. */
function ask(verifier: Verifier, given: string, needs?: object): Promise<string> {
  return verifier.verify(given, needs).then(
    () => '200',
    (error: unknown) => (error instanceof TokenRefused ? `${error.refusal.status} ${error.refusal.reason}` : `threw ${String(error)}`),
  );
}

test('options that cannot work are refused, by their name', () => {
  const service = { url: URL, token: 'x' };
  const bad: [object, RegExp][] = [
    [{}, /^one of issuer, jwksUrl and keys is required/],
    [{ keys: KEYS, jwksUrl: URL }, /^jwksUrl and keys exclude each other/],
    [{ keys: KEYS, issuer: '' }, /^issuer and audience: must not be empty/],
    [{ keys: KEYS, audience: '' }, /^issuer and audience: must not be empty/],
    [{ keys: KEYS, audience: ['a', ''] }, /^issuer and audience: must not be empty/],
    [{ keys: KEYS, audience: [] }, /^issuer and audience: must not be empty/],
    [{ keys: KEYS, algorithms: [] }, /^algorithms: some of RS256/],
    [{ keys: KEYS, algorithms: ['RS256', 'none'] }, /^algorithms: some of RS256/],
    [{ issuer: URL, algorithms: ['RS256', 'HS256'] }, /^algorithms: HS\* requires the secret in keys/],
    [{ keys: KEYS, headerScheme: '' }, /^headerScheme: one word/],
    [{ keys: KEYS, headerScheme: 'a b' }, /^headerScheme: one word/],
    [{ keys: KEYS, profile: 'rfc9068', issuer: URL }, /^profile "rfc9068" requires issuer and audience/],
    [{ keys: KEYS, profile: 'rfc9068', audience: 'a' }, /^profile "rfc9068" requires issuer and audience/],
    ...['clockSkew', 'timeout', 'maxStale'].flatMap((name) =>
      [-1, NaN, Infinity, '1', null].map((value): [object, RegExp] => [
        { keys: KEYS, [name]: value },
        new RegExp(`^${name}: a number of seconds, 0 or more`),
      ]),
    ),
    [{ issuer: 'ftp://x/' }, /^issuer: an https URL/],
    [{ issuer: 'x' }, /^issuer: an https URL/],
    [{ jwksUrl: 'https://a@x.example/' }, /^jwksUrl: an https URL/],
    [{ jwksUrl: 'https://:b@x.example/' }, /^jwksUrl: an https URL/],
    [{ jwksUrl: 'http://x.example/' }, /^jwksUrl: plain http to x.example/],
    [{ jwksUrl: 'http://127.0.0.1.x.example/' }, /plain http/],
    [{ jwksUrl: 'http://localhost.x.example/' }, /plain http/],
    [{ keys: KEYS, stateful: { ...service, url: 'http://x.example/' } }, /^stateful.url: plain http to x.example/],
    [{ keys: KEYS, stateful: { ...service, token: 'a b' } }, /^stateful.token: one of the server's SERVICE_TOKENS/],
    [{ keys: KEYS, stateful: { ...service, cache: -1 } }, /^cache: a number of seconds/],
    [{ keys: KEYS, revocations: { ...service, url: 'x', onStale: 'open' } }, /^revocations.url: an https URL/],
    [{ keys: KEYS, revocations: { ...service, token: '', onStale: 'open' } }, /^revocations.token/],
    [{ keys: KEYS, revocations: { ...service, onStale: 'open', staleAfter: -1 } }, /^staleAfter: a number of seconds/],
    [{ keys: KEYS, revocations: { ...service, onStale: 'ajar' } }, /^revocations.onStale: "open" or "closed"/],
    [{ keys: KEYS, scopes: ['ok', 'a"b'] }, /^scopes: "a\\"b" is not a valid scope/],
    [{ keys: KEYS, roles: [] }, /^roles: an empty list refuses every request/],
  ];
  for (const [options, message] of bad)
    assert.throws(() => createVerifier(options), { name: 'TypeError', message }, JSON.stringify(options));
});

test('options that work', () => {
  const service = { url: URL, token: 'x' };
  const good: VerifierOptions[] = [
    { issuer: URL },
    { jwksUrl: URL, algorithms: ['RS256', 'ES256'] },
    { issuer: URL, jwksUrl: URL },
    { keys: KEYS, algorithms: ['HS256'], headerScheme: 'JWT' },
    { keys: KEYS, issuer: 'no-url', audience: ['a', 'b'], clockSkew: 0, timeout: 0, maxStale: 0 },
    { keys: KEYS, profile: 'rfc9068', issuer: 'x', audience: 'a' },
    ...['localhost', '127.0.0.1:8080', '127.9.9.9', '[::1]'].map((host) => ({ jwksUrl: `http://${host}/` })),
    { jwksUrl: 'http://x.example/', allowInsecureHttp: true },
    { keys: KEYS, stateful: { ...service, cache: 0 } },
    { keys: KEYS, revocations: { ...service, onStale: 'open', staleAfter: 1 } },
    { keys: KEYS, revocations: { ...service, onStale: 'closed' } },
    { keys: KEYS, scopes: [], roles: ['a'] },
  ];
  for (const options of good) createVerifier(options).close();
});

test('answers by RFC 6750 section 3.1', async () => {
  const { clock, verifier, refusals } = verifierOf({ scopes: ['a'] });
  const of = async (given: string | null, needs: object = {}): Promise<Refusal> => {
    const outcome = await verifier.authenticate({ get: () => (given === null ? '' : `Bearer ${given}`) }, needs);
    assert.ok('refusal' in outcome);
    assert.equal(refusals.at(-1), outcome.refusal);
    return outcome.refusal;
  };
  const challenge = (more: string): object => ({ 'WWW-Authenticate': `Bearer realm="api"${more}` });
  assert.deepEqual(await of(null), {
    status: 401,
    reason: 'missing',
    detail: 'An access token is required.',
    why: '',
    headers: challenge(''),
  });
  assert.deepEqual(await of('x'), {
    status: 401,
    reason: 'invalid',
    detail: 'The access token is invalid.',
    why: 'not a JWT in compact form',
    headers: challenge(', error="invalid_token", error_description="The access token is invalid."'),
  });
  assert.deepEqual(await of(token({ scope: 'b' }), { scopes: ['a', 'c'] }), {
    status: 403,
    reason: 'insufficient_scope',
    detail: 'The access token does not give this right.',
    why: 'it lacks the scope a',
    headers: challenge(', error="insufficient_scope", error_description="The access token does not give this right.", scope="a c"'),
  });
  assert.equal((await of(token({ scope: 'a', roles: 'x y' }), { roles: ['z', 'w'] })).why, 'it has none of the roles z, w');
  assert.equal((await of(token({ scope: 'a' }), { scopes: ['b', 'c'] })).why, 'it lacks the scope b c');
  clock.now = 1300;
  assert.deepEqual(await of(token({ scope: 'a' })), {
    status: 401,
    reason: 'expired',
    detail: 'The access token expired.',
    why: '"exp" claim timestamp check failed',
    headers: challenge(', error="invalid_token", error_description="The access token expired."'),
  });
  const { errors, verifier: broken } = verifierOf({ keys: { keys: [] } });
  const outcome = await broken.authenticate({ get: () => `Bearer ${token()}` });
  assert.deepEqual('refusal' in outcome && outcome.refusal, {
    status: 503,
    reason: 'unavailable',
    detail: 'The access token cannot be verified at the moment.',
    why: 'keys: TypeError: none of the keys can verify tokens',
    headers: { 'Retry-After': '5' },
  });
  assert.deepEqual(errors, [], 'whoever is told of the refusal need not hear of it twice');
});

test('needs: each scope, one of the roles; as text, or as a list', async () => {
  const { verifier } = verifierOf();
  for (const [claims, needs, expected] of [
    [{}, {}, '200'],
    [{ scope: 'a b' }, { scopes: ['b', 'a'] }, '200'],
    [{ scope: ['a', 'b'] }, { scopes: ['a'] }, '200'],
    [{ scope: 'ab' }, { scopes: ['a'] }, '403 insufficient_scope'],
    [{ scope: { a: 1 } }, { scopes: ['a'] }, '403 insufficient_scope'],
    [{ roles: ['x'] }, { roles: ['y', 'x'] }, '200'],
    [{ roles: 'y x' }, { roles: ['x'] }, '200'],
    [{ roles: ['xy'] }, { roles: ['x'] }, '403 insufficient_scope'],
    [{ roles: ['x'] }, { scopes: ['a'], roles: ['x'] }, '403 insufficient_scope'],
    [{ scope: 'a' }, { scopes: ['a'], roles: ['x'] }, '403 insufficient_scope'],
  ] as const)
    assert.equal(await ask(verifier, token(claims), needs), expected, JSON.stringify([claims, needs]));
  const strict = verifierOf({ scopes: ['a'], roles: ['x'] }).verifier;
  assert.equal(await ask(strict, token({ scope: 'a', roles: 'x' }), { scopes: ['b'] }), '403 insufficient_scope');
  assert.equal(await ask(strict, token({ scope: 'a b', roles: 'x' }), { scopes: ['b'] }), '200');
  assert.equal(await ask(strict, token({ scope: 'b', roles: 'x' }), { scopes: ['b'] }), '403 insufficient_scope');
});

test('what needs cannot say is an error for the operator, and no pass', async () => {
  const { verifier, errors } = verifierOf();
  assert.equal(await ask(verifier, token({ roles: 'x' }), { roles: [] }), '503 unavailable');
  assert.equal(await ask(verifier, token(), { scopes: ['a b'] }), '503 unavailable');
  assert.deepEqual(errors, ['roles: an empty list refuses every request', 'scopes: "a b" is not a valid scope']);
});

test('times: exp is over at its second, iat and nbf may not be in the future; all within the skew', async () => {
  const times = { iat: 1000, exp: 1300 };
  for (const [claims, now, skew, expected] of [
    [times, 1299, 0, null],
    [times, 1300, 0, 'expired'],
    [times, 1309, 10, null],
    [times, 1310, 10, 'expired'],
    [{ iat: 1000 }, 1100, 0, 'expired'],
    [times, 1000, 0, null],
    [times, 999, 0, 'invalid'],
    [times, 990, 10, null],
    [times, 989, 10, 'invalid'],
    [{ ...times, nbf: 1100 }, 1100, 0, null],
    [{ ...times, nbf: 1100 }, 1099, 0, 'invalid'],
    [{ ...times, nbf: 1100 }, 1090, 10, null],
    [{ ...times, nbf: 1100 }, 1089, 10, 'invalid'],
    [{ exp: 1300 }, 1, 0, null],
  ] as const) {
    const what = JSON.stringify([claims, now, skew]);
    assert.equal(timeFault(claims, now, { skew, iatSkew: 0 }), expected, what);
    if (!('exp' in claims && 'iat' in claims)) continue;
    const { clock, verifier } = verifierOf({ clockSkew: skew, iatSkew: 0 });
    clock.now = now;
    const given = token(claims);
    assert.equal(await ask(verifier, given), expected === null ? '200' : `401 ${expected}`, what);
    clock.now = 1150;
    assert.equal(await ask(verifier, given), '200');
    clock.now = now;
    assert.equal(await ask(verifier, given), expected === null ? '200' : `401 ${expected}`, `${what}, when it is known`);
  }
});

test('iat has a tolerance of its own, which prolongs nothing; the larger one counts', async () => {
  const times = { iat: 1000, exp: 1300, nbf: 940 };
  for (const [now, skew, iatSkew, expected] of [
    [940, 0, 60, null],
    [939, 0, 60, 'invalid'],
    [940, 60, 10, null],
    [1299, 0, 60, null],
    [1300, 0, 60, 'expired'],
    [940, 0, null, null],
    [939, 0, null, 'invalid'],
  ] as const) {
    assert.equal(timeFault(times, now, { skew, iatSkew }), expected, JSON.stringify([now, skew, iatSkew]));
  }
  const { clock, verifier } = verifierOf();
  for (const [now, expected] of [
    [940, '200'],
    [939, '401 invalid'],
  ] as const) {
    clock.now = now;
    assert.equal(await ask(verifier, token({ iat: 1000 })), expected, 'the default is 60 seconds');
  }
});

test('a token is remembered until the keys change, and its time is looked at each time', async () => {
  const { clock, verifier, refusals } = verifierOf();
  const given = token();
  const first = await verifier.verify(given);
  assert.equal(await verifier.verify(given), first);
  clock.now = 1300;
  assert.equal(await ask(verifier, given), '401 expired');
  assert.equal(refusals.at(-1)?.why, 'the token has expired, or is not valid yet');
});

/** A key set at a clock to turn, whose next answer the test may hold back. */
function remote() {
  const state = { keys: [jwk], hold: null as Promise<void> | null };
  const fetch = async (): Promise<Response> => {
    const body = { keys: state.keys };
    await state.hold;
    return Response.json(body, { headers: { 'Cache-Control': 'max-age=60' } });
  };
  return { state, ...verifierOf({ fetch, jwksUrl: URL }, {}) };
}

test('a token that was verified before is refused once its key is gone', async () => {
  const { state, clock, verifier } = remote();
  const given = token({ exp: 9999 });
  assert.equal(await ask(verifier, given), '200');
  state.keys = [signer('b').jwk];
  clock.now += 200;
  assert.equal(await ask(verifier, given), '401 invalid');
  assert.equal(await ask(verifier, given), '401 invalid');
});

test('ready fetches the keys, and fails silently', async () => {
  const asked: string[] = [];
  const fetch = async (url: string): Promise<Response> => {
    asked.push(url);
    return url === URL ? Response.json(KEYS) : new Response('', { status: 500 });
  };
  const { verifier } = verifierOf({ fetch, jwksUrl: URL }, {});
  assert.equal(await verifier.ready(), undefined);
  assert.equal(await ask(verifier, token()), '200');
  assert.deepEqual(asked, [URL]);
  assert.equal(await verifierOf({ fetch, jwksUrl: `${URL}x` }, {}).verifier.ready(), undefined);
});

test('the feed of ended sessions: a token without a session is refused, one of an ended session too', async (t) => {
  const fetch = async (): Promise<Response> =>
    Response.json({ cursor: '1', revocations: [{ sid: 'gone', revoked_at: 0, expires_at: 9999 }] });
  const { verifier, refusals } = verifierOf({
    fetch,
    revocations: { url: URL, token: 'x', onStale: 'closed' },
    profile: 'rfc9068',
    issuer: 'i',
    audience: 'a',
  });
  t.after(() => verifier.close());
  const at = (claims: object): string => token({ iss: 'i', aud: 'a', client_id: 'c', ...claims }, { typ: 'at+jwt' });
  assert.equal(await ask(verifier, at({})), '200');
  assert.equal(await ask(verifier, at({ sid: 'gone' })), '401 invalid');
  assert.equal(refusals.at(-1)?.why, 'the session has ended');
  for (const sid of [undefined, '', 7]) assert.equal(await ask(verifier, at({ sid })), '401 invalid');
  assert.equal(refusals.at(-1)?.why, 'the token has no sid, so the feed cannot be checked');
});

test('introspection has the last word, and is asked only about tokens that are good', async () => {
  const state = { active: true, asked: 0 };
  const fetch = async (): Promise<Response> => {
    state.asked += 1;
    return Response.json({ active: state.active });
  };
  const { verifier, refusals } = verifierOf({ fetch, stateful: { url: URL, token: 'x', cache: 0 } });
  assert.equal(await ask(verifier, `${token()}A`), '401 invalid');
  assert.equal(state.asked, 0);
  const given = token();
  assert.equal(await ask(verifier, given), '200');
  state.active = false;
  assert.equal(await ask(verifier, given), '401 invalid');
  assert.equal(refusals.at(-1)?.why, 'the token is not active');
});

test('a source that does not answer is given up after five seconds, or after the timeout', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sources: VerifierOptions[] = [{ jwksUrl: URL }, { issuer: URL }, { keys: KEYS, stateful: { url: URL, token: 'x' } }];
  for (const source of sources) {
    for (const [more, seconds] of [
      [{}, 5],
      [{ timeout: 2 }, 2],
    ] as const) {
      let aborted = false;
      const asked = new Promise<void>((begun) => {
        const fetch = (_: string, { signal }: RequestInit): Promise<Response> => {
          begun();
          return new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => {
              aborted = true;
              reject(new Error('away'));
            });
          });
        };
        void verifierOf({ fetch, ...source, ...more }, {}).verifier.authenticate({ get: () => `Bearer ${token()}` });
      });
      await asked;
      t.mock.timers.tick(seconds * 1000 - 1);
      assert.equal(aborted, false);
      t.mock.timers.tick(1);
      assert.equal(aborted, true);
    }
  }
});

test('an access token has these claims, each of its type', async () => {
  const { verifier, refusals } = verifierOf({ requiredClaims: ['tenant'] });
  const good = { tenant: 't' };
  assert.equal(await ask(verifier, token(good)), '200');
  for (const claim of ['tenant', 'exp', 'iat', 'jti', 'sub']) {
    assert.equal(await ask(verifier, token({ ...good, [claim]: undefined })), '401 invalid', claim);
    assert.equal(refusals.at(-1)?.why, `missing required "${claim}" claim`);
  }
  for (const [changes, why] of [
    [{ sub: '' }, 'sub, jti, iat or exp has the wrong type'],
    [{ sub: 7 }, 'sub, jti, iat or exp has the wrong type'],
    [{ jti: '' }, 'sub, jti, iat or exp has the wrong type'],
    [{ sid: undefined }, 'not an access token'],
    [{ sid: '' }, 'not an access token'],
    [{ token_use: undefined }, 'not an access token'],
    [{ token_use: 'refresh' }, 'not an access token'],
    [{ aud: 'a' }, 'the token has an audience, but the verifier has none'],
  ] as const) {
    assert.equal(await ask(verifier, token({ ...good, ...changes })), '401 invalid', JSON.stringify(changes));
    assert.equal(refusals.at(-1)?.why, why);
  }
  const strict = verifierOf({ profile: 'rfc9068', issuer: 'i', audience: ['a', 'b'] });
  const claims = { iss: 'i', aud: 'b', client_id: 'c', sid: undefined, token_use: undefined };
  for (const [changes, expected] of [
    [{}, '200'],
    [{ token_use: 'access' }, '200'],
    [{ aud: ['b', 'c'] }, '200'],
    [{ token_use: 'refresh' }, '401 invalid'],
    [{ client_id: undefined }, '401 invalid'],
    [{ client_id: '' }, '401 invalid'],
    [{ client_id: 7 }, '401 invalid'],
    [{ iss: 'j' }, '401 invalid'],
    [{ aud: 'c' }, '401 invalid'],
  ] as const)
    assert.equal(await ask(strict.verifier, token({ ...claims, ...changes }, { typ: 'at+jwt' })), expected, JSON.stringify(changes));
});

test('an expired token of another kind is invalid, and not told from others that never were good', async () => {
  const { clock, verifier } = verifierOf();
  clock.now = 2000;
  assert.equal(await ask(verifier, token()), '401 expired');
  assert.equal(await ask(verifier, token({ token_use: 'refresh' })), '401 invalid');
  assert.equal(await ask(verifier, `${token().slice(0, -3)}AAA`), '401 invalid');
});

test('what a header may have, and which typ', async () => {
  const { verifier, refusals } = verifierOf();
  const typ = async (value: unknown, profile?: 'rfc9068'): Promise<string> => {
    const options = profile ? ({ profile, issuer: 'i', audience: 'a' } as const) : {};
    return ask(verifierOf(options).verifier, token(profile ? { iss: 'i', aud: 'a', client_id: 'c' } : {}, { typ: value }));
  };
  for (const value of ['JWT', 'jwt', undefined]) assert.equal(await typ(value), '200', `${value}`);
  for (const value of ['at+jwt', 'application/jwt', 7, null, '']) assert.equal(await typ(value), '401 invalid', `${value}`);
  for (const value of ['at+jwt', 'AT+JWT', 'application/at+jwt']) assert.equal(await typ(value, 'rfc9068'), '200', value);
  for (const value of ['JWT', undefined, 'application/jwt', 7]) assert.equal(await typ(value, 'rfc9068'), '401 invalid', `${value}`);
  for (const [header, why] of [
    [{ jku: URL }, 'the header has a member that is not accepted: jku'],
    [{ alg: undefined }, 'the header has no alg'],
    [{ alg: 7 }, 'the header has no alg'],
    [{ kid: 7 }, 'the kid is not a string'],
    [{ typ: 'at+jwt' }, 'the typ is not JWT'],
    [{ kid: 'b' }, 'no key with that kid and alg'],
    [{ alg: 'RS256' }, 'no key with that kid and alg'],
  ] as const) {
    assert.equal(await ask(verifier, token({}, header)), '401 invalid');
    assert.equal(refusals.at(-1)?.why, why);
  }
  assert.equal(await ask(verifier, token({}, { kid: undefined })), '200');
  for (const text of ['', 'a.b', 'a.b.c.d', 'a..c', 'a.b.c=', `${'a'.repeat(16_381)}.b.c`]) {
    assert.equal(await ask(verifier, text), '401 invalid');
    assert.equal(refusals.at(-1)?.why, 'not a JWT in compact form', text.slice(0, 20));
  }
  assert.equal(await ask(verifier, 'a.b.c'), '401 invalid');
  assert.equal(refusals.at(-1)?.why, 'the header is not a JSON object');
  const long = token({ more: 'x'.repeat(12_000) });
  const longest = token({ more: 'x'.repeat(12_000 + Math.floor(((16_384 - long.length) * 3) / 4)) });
  assert.ok(longest.length > 16_380 && longest.length <= 16_384, `${longest.length}`);
  assert.equal(await ask(verifier, longest), '200');
});

test('the header is read again where it changes, also between tokens of two kinds', async () => {
  const { verifier } = verifierOf();
  for (const [header, expected] of [
    [{}, '200'],
    [{ typ: 'x' }, '401 invalid'],
    [{}, '200'],
  ] as const)
    assert.equal(await ask(verifier, token({}, header)), expected);
});

test('each key that may have signed is tried; a failing source is no fault of the token', async () => {
  const [mine, other] = [signer('k'), signer('k')];
  const both = verifierOf({ keys: { keys: [other.jwk, mine.jwk] } });
  for (const { token: make } of [mine, other]) assert.equal(await ask(both.verifier, make()), '200');
  assert.equal(await ask(both.verifier, signer('k').token()), '401 invalid');
  assert.equal(both.refusals.at(-1)?.why, 'the signature does not match');

  const judge = createTokenCheck({ skew: 0, iatSkew: 0, typ: 'JWT', requiredClaims: [], claimsFault: () => null });
  await assert.rejects(
    judge(token(), () => Promise.reject(new Error('away')), 1100),
    { message: 'away' },
  );
  const { keys } = await readKeySet(KEYS, ['EdDSA']);
  const unusable = keys.map((key) => ({ ...key, key: {} as VerifyingKey['key'] })); // no key at all
  await assert.rejects(
    judge(token(), () => unusable, 1100),
    TypeError,
  );
  assert.ok('claims' in (await judge(token(), () => keys, 1100)));
  assert.ok('claims' in (await judge(token(), () => Promise.resolve(keys), 1100)));
});

test('a key serves for its own algorithm alone, and for its kid where the token names one', () => {
  const key = (kid: string | undefined, algorithm: Algorithm): VerifyingKey => ({
    ...(kid !== undefined && { kid }),
    algorithm,
    key: {} as VerifyingKey['key'], // not looked at
  });
  const keys = [key('a', 'RS256'), key('a', 'ES256'), key(undefined, 'RS256')];
  assert.deepEqual(matchKeys(keys, { alg: 'RS256' }), [keys[0], keys[2]]);
  assert.deepEqual(matchKeys(keys, { alg: 'RS256', kid: 'a' }), [keys[0]]);
  assert.deepEqual(matchKeys(keys, { alg: 'ES256', kid: 'b' }), []);
});

test('the token of the header Authorization', () => {
  for (const [header, token] of [
    ['Bearer a.b.c', 'a.b.c'],
    ['bEARER a.b.c', 'a.b.c'],
    ['  Bearer   a.b.c  ', 'a.b.c'],
    ['Bearer', null],
    ['Bearer ', null],
    ['', null],
    ['a.b.c', null],
    ['Basic a.b.c', null],
    ['Bearers a.b.c', null],
    ['Beare a.b.c', null],
    ['Beared a.b.c', null],
    ['Bearer a.b.c d', null],
  ] as const)
    assert.equal(tokenIn(header, 'Bearer'), token, header);
});

test('headers of Node, by their names in any case', () => {
  const headers = nodeHeaders({ authorization: 'x', 'x-many': ['a', 'b'] });
  assert.deepEqual([headers.get('Authorization'), headers.get('X-Many'), headers.get('X-None')], ['x', '', '']);
});

test('which keys of a set serve for verifying', async () => {
  const ALL: Algorithm[] = ['RS256', 'RS384', 'ES256', 'ES384', 'EdDSA', 'HS256', 'HS384', 'HS512'];
  const { d: _d, ...rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const { alg: _a, use: _u, kid: _k, ...ed } = jwk;
  const secret = (bytes: number): object => ({ kty: 'oct', k: Buffer.alloc(bytes).toString('base64url'), alg: 'HS256' });
  for (const [key, algorithms, expected] of [
    [rsa, ALL, 'RS256'],
    [rsa, ['RS384'], 'RS384'],
    [rsa, ['RS384', 'RS512'], ''],
    [{ ...rsa, alg: 'RS384' }, ALL, 'RS384'],
    [{ ...rsa, alg: 'RS512' }, ALL, ''],
    [{ ...rsa, alg: 'ES256' }, ALL, ''],
    [{ ...rsa, kid: 'x', use: 'sig', key_ops: ['verify'] }, ALL, 'RS256 x'],
    [{ ...rsa, key_ops: ['sign', 'verify'] }, ALL, 'RS256'],
    [{ ...rsa, key_ops: ['encrypt'] }, ALL, ''],
    [{ ...rsa, key_ops: 'verify' }, ALL, ''],
    [{ ...rsa, use: 'enc' }, ALL, ''],
    [{ ...rsa, d: 'AQAB' }, ALL, ''],
    [{ ...rsa, p: 'AQAB' }, ALL, ''],
    [{ ...rsa, kid: 7 }, ALL, ''],
    [{ ...rsa, n: undefined }, ALL, ''],
    [weak.export({ format: 'jwk' }), ALL, ''],
    [ec, ALL, 'ES256'],
    [{ ...ec, crv: 'P-384' }, ALL, ''],
    [ec, ['ES384'], ''],
    [ed, ALL, 'EdDSA'],
    [{ ...ed, alg: 'Ed25519' }, ALL, 'EdDSA'],
    [{ ...ec, alg: 'Ed25519' }, ALL, ''],
    [secret(32), ALL, 'HS256'],
    [secret(31), ALL, ''],
    [{ ...secret(48), alg: 'HS384' }, ALL, 'HS384'],
    [{ ...secret(47), alg: 'HS384' }, ALL, ''],
    [{ ...secret(64), alg: 'HS512' }, ALL, 'HS512'],
    [{ ...secret(63), alg: 'HS512' }, ALL, ''],
    [secret(32), ['RS256'], ''],
    [{ ...secret(32), alg: undefined }, ['HS256'], ''],
    [{ kty: 'oct', alg: 'HS256' }, ALL, ''],
    [{ kty: 'unknown' }, ALL, ''],
    [null, ALL, ''],
    ['text', ALL, ''],
  ] as const) {
    const { keys } = await readKeySet({ keys: [key] }, algorithms);
    const isNamed = expected === '' || expected.startsWith('HS') || expected.endsWith(' x');
    const kid = isNamed ? '' : ` ${await calculateJwkThumbprint(key as JWK)}`; // of a key without its own id
    const found = keys.map((each) => [each.algorithm, each.kid].join(' ').trim()).join();
    assert.equal(found, `${expected}${kid}`, JSON.stringify([key, algorithms]));
  }
  const mixed = { ...rsa, ...ed }; // a member of another kind of key changes nothing
  assert.equal((await readKeySet({ keys: [mixed] }, ALL)).keys.length, 1);
  assert.equal((await readKeySet({ keys: Array.from({ length: 50 }, () => jwk) }, ALL)).keys.length, 50);
  await assert.rejects(readKeySet({ keys: Array.from({ length: 51 }, () => jwk) }, ALL), { message: 'the key set has more than 50 keys' });
  for (const none of [null, 'x', {}, { keys: {} }]) await assert.rejects(readKeySet(none, ALL), { message: /^not a key set/ });
  assert.notEqual((await readKeySet({ keys: [rsa] }, ALL)).print, (await readKeySet({ keys: [ed] }, ALL)).print);

  assert.equal((await readPem(pem, 'EdDSA')).algorithm, 'EdDSA');
  await assert.rejects(readPem(weak.export({ type: 'spki', format: 'pem' }).toString(), 'RS256'), {
    message: 'an RSA key must have at least 2048 bits',
  });
});

test('the refusal is an error with the detail alone', async () => {
  const { verifier } = verifierOf();
  await assert.rejects(verifier.verify('x'), { name: 'TokenRefused', message: 'The access token is invalid.' });
});
