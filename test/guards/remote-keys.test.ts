import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKeys } from '../../src/guards/verify/find-keys.ts';
import type { VerifierOptions } from '../../src/guards/verify/options.ts';
import { createRemoteKeys, type LoadedKeys } from '../../src/jwt/remote-keys.ts';
import type { VerifyingKey } from '../../src/jwt/token.ts';
import { signer } from './support/signer.ts';

/** A key of that id; nothing here verifies with it. */
function keyOf(kid: string): VerifyingKey {
  return { kid, algorithm: 'EdDSA', key: {} as VerifyingKey['key'] }; // never used
}

/** Keys whose issuer answers when the test says so, at a clock to turn. */
function remote({ maxAge = 100, maxStale = 1000 } = {}) {
  const state = {
    now: 1000,
    loads: 0,
    changes: 0,
    errors: [] as string[],
    kids: ['a'],
    answer: 'at once' as 'at once' | 'never' | 'fails',
  };
  const load = (): Promise<LoadedKeys> => {
    state.loads += 1;
    if (state.answer === 'fails') return Promise.reject(new Error('away'));
    const set = { keys: state.kids.map(keyOf), print: state.kids.join(), maxAge };
    return state.answer === 'never' ? new Promise(() => undefined) : Promise.resolve(set);
  };
  const keys = createRemoteKeys({
    load,
    now: () => state.now,
    maxStale,
    onChange: () => void (state.changes += 1),
    onError: ({ message }) => void state.errors.push(message),
  });
  const find = async (kid?: string): Promise<string> => {
    const found = await keys.find({ alg: 'EdDSA', ...(kid !== undefined && { kid }) });
    return found.map((key) => key.kid).join();
  };
  /** What `find` says, or that it waits for an answer that never comes. */
  const findNow = (kid?: string): Promise<string> =>
    Promise.race([find(kid).catch((error: Error) => error.message), new Promise<string>((resolve) => setImmediate(resolve, 'waits'))]);
  return { state, keys, find, findNow };
}

test('keys are fetched once for all who wait, and serve for their max-age', async () => {
  const { state, keys, find } = remote();
  assert.equal(state.loads, 0);
  assert.ok(keys.settle(), 'there is something to wait for');
  assert.deepEqual(await Promise.all([find('a'), find('a'), find()]), ['a', 'a', 'a']);
  assert.equal(state.loads, 1);
  state.now = 1100;
  assert.equal(keys.settle(), null);
  assert.equal(await find('a'), 'a');
  assert.equal(state.loads, 1);
  state.now = 1101;
  const settled = keys.settle();
  assert.ok(settled);
  assert.equal(await settled, undefined);
  assert.equal(state.loads, 2);
  assert.equal(state.changes, 0, 'they are the same');
});

test('after the max-age requests go on with known keys for 30 seconds, then they wait for the answer', async () => {
  for (const [now, outcome] of [
    [1101, 'a'],
    [1130, 'a'],
    [1131, 'waits'],
  ] as const) {
    const { state, find, findNow } = remote();
    await find();
    Object.assign(state, { now, answer: 'never' });
    assert.equal(await findNow('a'), outcome, `${now}`);
    assert.equal(state.loads, 2);
  }
});

test('a key set that changed is told, once for each change', async () => {
  const { state, find } = remote();
  await find();
  for (const [index, kids] of [['b'], ['b', 'c'], ['b', 'c']].entries()) {
    state.kids = kids;
    state.now += 200;
    await find();
    assert.equal(state.changes, Math.min(index + 1, 2));
    assert.equal(await find('b'), 'b');
  }
});

test('an unknown kid has the keys fetched, ten seconds after the last time', async () => {
  const { state, find } = remote();
  await find();
  state.kids = ['a', 'b'];
  for (const [now, found, loads] of [
    [1009, '', 1],
    [1010, 'b', 2],
  ] as const) {
    state.now = now;
    assert.equal(await find('b'), found);
    assert.equal(state.loads, loads);
  }
  state.now = 1050;
  assert.deepEqual(await Promise.all([find('x'), find('y'), find('a')]), ['', '', 'a']);
  assert.equal(state.loads, 3, 'once for all of them');
});

test('a known kid of another algorithm, and no kid at all, fetch nothing', async () => {
  const { state, keys, find } = remote();
  await find();
  state.now = 1050;
  assert.deepEqual(await keys.find({ alg: 'RS256', kid: 'a' }), []);
  assert.deepEqual(await keys.find({ alg: 'RS256' }), []);
  assert.equal(state.loads, 1);
});

test('an unknown kid waits for a fetch that is under way', async () => {
  const { state, find, findNow } = remote();
  await find();
  Object.assign(state, { now: 1101, answer: 'never' });
  assert.equal(await findNow('a'), 'a', 'begins it');
  assert.equal(await findNow('b'), 'waits');
  assert.equal(state.loads, 2);
});

test('without keys every failure is told, and tried again after 1, 2, 4 … 30 seconds', async () => {
  const { state, findNow } = remote();
  state.answer = 'fails';
  const tried: number[] = [];
  for (; state.now < 1150; state.now += 1) {
    const { loads } = state;
    assert.equal(await findNow('a'), 'the keys cannot be fetched: away');
    if (state.loads > loads) tried.push(state.now - 1000);
  }
  assert.deepEqual(tried, [0, 1, 3, 7, 15, 31, 61, 91, 121]);
  assert.equal(state.errors.length, tried.length);
  state.answer = 'at once';
  state.now = 1151;
  assert.equal(await findNow('a'), 'a');
  assert.equal(state.changes, 0, 'nothing was known before');
});

test('known keys serve while their issuer is away, up to maxStale seconds', async () => {
  const { state, find, findNow } = remote();
  await find();
  state.answer = 'fails';
  state.now = 1200;
  assert.equal(await findNow('a'), 'a');
  state.answer = 'never';
  state.now = 1300;
  assert.equal(await findNow('a'), 'a', 'after a failure nobody waits');
  state.now = 2000;
  assert.equal(await findNow('a'), 'a');
  state.now = 2001;
  assert.equal(await findNow('a'), 'waits', 'too old to go on without an answer');

  const away = remote();
  await away.find();
  Object.assign(away.state, { now: 2001, answer: 'fails' });
  assert.equal(await away.findNow('a'), 'the keys are older than 1000 s: the keys cannot be fetched: away');
  away.state.answer = 'at once';
  away.state.now = 2002;
  assert.equal(await away.findNow('a'), 'a', 'after a second');
  away.state.answer = 'fails';
  away.state.now = 2150;
  await away.findNow('a');
  assert.equal(away.state.errors.length, 2, 'the failures count from one again');
});

test('keys that are fresh for longer than maxStale serve as long as they are fresh', async () => {
  const { state, findNow } = remote({ maxAge: 500, maxStale: 0 });
  assert.equal(await findNow('a'), 'a');
  state.now = 1500;
  assert.equal(await findNow('a'), 'a');
  Object.assign(state, { now: 1501, answer: 'fails' });
  assert.match(await findNow('a'), /^the keys are older than 0 s/);
});

test('an empty key set is unavailable, and says so', async () => {
  const { state, findNow } = remote();
  state.kids = [];
  assert.equal(await findNow('a'), 'no key of the key set can verify tokens');
});

/** `openKeys` with answers by URL. */
function opened(options: VerifierOptions, answers: Record<string, (asked: number) => Response>) {
  const state = { now: 1000, asked: [] as string[], errors: [] as string[] };
  const keys = openKeys(options, {
    fetch: async (url) => {
      state.asked.push(url);
      return answers[url]?.(state.asked.length) ?? new Response('', { status: 404 });
    },
    now: () => state.now,
    onChange: () => undefined,
    onError: ({ message }) => void state.errors.push(message),
  });
  const count = async (): Promise<number | string> =>
    (async () => (await keys.find({ alg: 'EdDSA' })).length)().catch((error: Error) => error.message);
  return { state, keys, count };
}

const { jwk, pem } = signer();
const JWKS = 'https://auth.example.org/jwks';

test('how long a key set is fresh: its max-age less its age, from 10 s to a day; 300 s where nothing is said', async () => {
  for (const [headers, seconds] of [
    [{}, 300],
    [{ 'Cache-Control': 'public, max-age=100' }, 100],
    [{ 'Cache-Control': 'MAX-AGE="100"' }, 100],
    [{ 'Cache-Control': 's-maxage=7,max-age=100', Age: '30' }, 70],
    [{ 'Cache-Control': 'max-age=100', Age: 'x' }, 100],
    [{ 'Cache-Control': 'max-age=100', Age: '95' }, 10],
    [{ 'Cache-Control': 'max-age=0' }, 10],
    [{ 'Cache-Control': 'no-store, max-age=100' }, 10],
    [{ 'Cache-Control': 'no-cache' }, 10],
    [{ 'Cache-Control': 'max-age=999999' }, 86_400],
  ] as const) {
    const { state, keys, count } = opened({ jwksUrl: JWKS }, { [JWKS]: () => Response.json({ keys: [jwk] }, { headers }) });
    assert.equal(await count(), 1);
    state.now = 1000 + seconds;
    assert.equal(keys.settle(), null, JSON.stringify(headers));
    state.now += 1;
    assert.ok(keys.settle(), JSON.stringify(headers));
  }
});

test('a key set that cannot be had says of which URL, and why; secrets are no keys of a set', async () => {
  for (const [answer, message] of [
    [(): Response => new Response('', { status: 500 }), /^the keys cannot be fetched: .*\/jwks: the response has status 500$/],
    [(): Response => Response.json({}), /\/jwks: not a key set/],
    [(): Response => new Response(' '.repeat(524_289)), /\/jwks: the response has more than 524288 bytes/],
    [(): Response => Response.json({ keys: [{ kty: 'oct', k: 'A'.repeat(86), alg: 'HS256' }] }), /no key of the key set can verify/],
  ] as const) {
    const { count } = opened({ jwksUrl: JWKS }, { [JWKS]: answer });
    assert.match(`${await count()}`, message);
  }
});

test('keys serve for a day without their issuer, or for as long as maxStale says', async () => {
  for (const [options, last] of [
    [{}, 86_400],
    [{ maxStale: 500 }, 500],
  ] as const) {
    const { state, count } = opened(
      { jwksUrl: JWKS, ...options },
      { [JWKS]: (asked) => (asked === 1 ? Response.json({ keys: [jwk] }) : new Response('', { status: 503 })) },
    );
    await count();
    state.now = 1000 + last;
    assert.equal(await count(), 1);
    state.now += 60;
    assert.match(`${await count()}`, /^the keys are older/);
  }
});

test('the issuer names its key set, which is asked for again after an hour', async () => {
  const issuer = 'https://auth.example.org/tenant';
  const metadata = 'https://auth.example.org/.well-known/oauth-authorization-server/tenant';
  const answers = {
    [metadata]: () => Response.json({ issuer, jwks_uri: JWKS }),
    [JWKS]: () => Response.json({ keys: [jwk] }, { headers: { 'Cache-Control': 'max-age=10' } }),
  };
  const { state, keys, count } = opened({ issuer }, answers);
  assert.equal(await count(), 1);
  for (const [now, more] of [
    [4599, [JWKS]],
    [4700, [metadata, JWKS]],
  ] as const) {
    state.asked.length = 0;
    state.now = now;
    await keys.settle();
    assert.deepEqual(state.asked, more);
  }
});

test('metadata that is none, or of somebody else', async () => {
  const issuer = 'https://auth.example.org/';
  const metadata = 'https://auth.example.org/.well-known/oauth-authorization-server';
  for (const [answer, message] of [
    [new Response('', { status: 404 }), /server: not found; set HEADLESS_JWT_ISSUER on the auth server, or the option jwksUrl here/],
    [new Response('', { status: 500 }), /server: the response has status 500$/],
    [Response.json(null), /the metadata is of another issuer/],
    [Response.json('x'), /the metadata is of another issuer/],
    [Response.json({ issuer: `${issuer}x`, jwks_uri: JWKS }), /the metadata is of another issuer/],
    [Response.json({ issuer }), /the metadata has no jwks_uri/],
    [Response.json({ issuer, jwks_uri: 'http://auth.example.org/jwks' }), /jwks_uri: .*plain http/],
  ] as const) {
    const { state, count } = opened({ issuer }, { [metadata]: () => answer });
    assert.match(`${await count()}`, message);
    assert.equal(state.errors.length, 1);
  }
});

test('keys that are given: a set, a PEM with its algorithm, or what is wrong with them', async () => {
  const keysOf = (keys: NonNullable<VerifierOptions['keys']>, algorithms?: VerifierOptions['algorithms']) =>
    opened({ keys, ...(algorithms && { algorithms }) }, {});
  for (const { keys, count } of [keysOf({ keys: [jwk] }), keysOf(pem, ['EdDSA'])]) {
    assert.equal(keys.settle(), null);
    assert.equal(await count(), 1);
    assert.equal(await count(), 1, 'without waiting');
    assert.ok(!('then' in keys.find({ alg: 'EdDSA' })));
  }
  for (const [keys, algorithms, message] of [
    [pem, undefined, /a PEM requires `algorithms` with exactly one name/],
    [pem, [], /a PEM requires/],
    [pem, ['EdDSA', 'RS256'], /a PEM requires/],
    ['no PEM', ['EdDSA'], /^keys: TypeError/],
    [{ keys: [] }, undefined, /none of the keys can verify tokens/],
    [{ keys: [jwk] }, ['RS256'], /none of the keys can verify tokens/],
  ] as const) {
    assert.match(`${await keysOf(keys, algorithms).count()}`, message);
  }
});
