import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { createVerifier, SourceUnavailable, TokenRefused, type Verifier, type VerifierOptions } from 'allauth-kit/verify';
import { byRsa, forge, newKey } from '../tokens/support/jwt.ts';
import { Clock } from '../support/server.ts';
import { issued, serveHttp } from './support/issuer.ts';

type Answer = (response: ServerResponse, path: string) => void;

/** A key set over HTTP that counts the questions; `state.answer` may be put in its place. */
async function keyServer(t: TestContext, first: Answer) {
  const state = { answer: first, asked: 0, paths: [] as string[] };
  const url = await serveHttp(t, (request, response) => {
    state.asked += 1;
    state.paths.push(request.url ?? '');
    state.answer(response, request.url ?? '');
  });
  return { url, state };
}

function json(body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function status(verifier: Verifier, token: string): Promise<number> {
  try {
    await verifier.verify(token);
    return 200;
  } catch (error) {
    assert.ok(error instanceof TokenRefused);
    return error.refusal.status;
  }
}

function verifierOf(url: string, more: Partial<VerifierOptions> = {}) {
  const clock = new Clock();
  const errors: Error[] = [];
  const verifier = createVerifier({ jwksUrl: `${url}/jwks.json`, now: clock.now, onError: (error) => void errors.push(error), ...more });
  return { clock, errors, verifier };
}

test('one fetch for any number of requests at once, and none within max-age', async (t) => {
  const { publicKey, token } = await issued();
  const { url, state } = await keyServer(t, json({ keys: [publicKey] }, { 'Cache-Control': 'public, max-age=100' }));
  const { clock, verifier } = verifierOf(url);
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 50 }, () => status(verifier, token())))), new Set([200]));
  assert.equal(state.asked, 1);
  clock.advance(90);
  assert.equal(await status(verifier, token()), 200);
  assert.equal(state.asked, 1);
  clock.advance(100);
  assert.equal(await status(verifier, token()), 200);
  assert.equal(state.asked, 2);
});

test('a new key is found by its kid; made-up kids cause no storm', async (t) => {
  const [old, next] = [await issued(), await issued(await newKey('RS256'))];
  const { url, state } = await keyServer(t, json({ keys: [old.publicKey] }));
  const { clock, verifier } = verifierOf(url);
  assert.equal(await status(verifier, old.token()), 200);
  for (let round = 0; round < 100; round++) assert.equal(await status(verifier, old.token({}, { kid: randomUUID() })), 401);
  assert.ok(state.asked <= 2, `${state.asked} fetches`);
  state.answer = json({ keys: [next.publicKey, old.publicKey] });
  clock.advance(11);
  assert.deepEqual(await Promise.all([status(verifier, next.token()), status(verifier, next.token())]), [200, 200]);
  const { asked } = state;
  await Promise.all(Array.from({ length: 100 }, () => status(verifier, old.token({}, { kid: randomUUID() }))));
  assert.equal(state.asked, asked);
});

test('a key that is withdrawn is refused, also for tokens that were verified before', async (t) => {
  const [old, next] = [await issued(), await issued(await newKey('RS256'))];
  const { url, state } = await keyServer(t, json({ keys: [next.publicKey, old.publicKey] }, { 'Cache-Control': 'max-age=60' }));
  const { clock, verifier } = verifierOf(url);
  const known = old.token();
  assert.deepEqual([await status(verifier, known), await status(verifier, known)], [200, 200]);
  state.answer = json({ keys: [next.publicKey] }, { 'Cache-Control': 'max-age=60' });
  clock.advance(100);
  assert.equal(await status(verifier, known), 401);
  assert.equal(await status(verifier, next.token()), 200);
});

test('known keys serve on through an outage, within bounds', async (t) => {
  const { publicKey, token, now } = await issued();
  const { url, state } = await keyServer(t, json({ keys: [publicKey] }, { 'Cache-Control': 'max-age=60' }));
  const { clock, verifier, errors } = verifierOf(url, { maxStale: 3600 });
  const long = token({ exp: now + 100_000 });
  assert.equal(await status(verifier, long), 200);
  state.answer = (response) => void response.writeHead(503).end();
  for (const seconds of [70, 100, 1000]) {
    clock.advance(seconds);
    assert.equal(await status(verifier, long), 200);
    assert.equal(await status(verifier, token({ exp: now + 100_000 })), 200);
  }
  assert.ok(errors.length > 0 && errors.every((error) => error instanceof SourceUnavailable && error.message.includes('503')));
  clock.advance(3600);
  assert.equal(await status(verifier, long), 503);
  state.answer = json({ keys: [publicKey] });
  clock.advance(60);
  await status(verifier, long);
  assert.equal(await status(verifier, token({ exp: now + 100_000 })), 200);
});

test('an endpoint that is slow, huge, malformed or redirecting: 503 and a message that says so', async (t) => {
  const { publicKey, token } = await issued();
  const answers: Record<string, [Answer, RegExp]> = {
    slow: [() => undefined, /no answer within 0\.2 s/],
    'slow in its body': [(response) => void response.writeHead(200).write('{"keys":['), /no answer within 0\.2 s/],
    'huge, and says so': [
      (response) => void response.writeHead(200, { 'Content-Length': '999999999' }).write('{'),
      /more than 524288 bytes/,
    ],
    huge: [(response) => void response.end(JSON.stringify({ keys: [publicKey], more: 'x'.repeat(600_000) })), /more than 524288 bytes/],
    redirecting: [(response) => void response.writeHead(302, { Location: 'http://127.0.0.1:9/' }).end(), /redirect/],
    'redirecting for good': [(response) => void response.writeHead(308, { Location: '/jwks.json' }).end(), /redirect/],
    failing: [(response) => void response.writeHead(500).end('{}'), /status 500/],
    'not there': [(response) => void response.writeHead(404).end(), /status 404/],
    'a page': [(response) => void response.end('<html>'), /not JSON/],
    'cut off': [(response) => void response.end('{"keys":[{"kty"'), /not JSON/],
    empty: [(response) => void response.end(), /not JSON/],
    'no key set': [json({ hello: 1 }), /not a key set/],
    null: [json(null), /not a key set/],
    'keys in an object': [json({ keys: {} }), /not a key set/],
    'too many keys': [json({ keys: Array.from({ length: 51 }, () => publicKey) }), /more than 50 keys/],
    'no keys': [json({ keys: [] }), /no key of the key set/],
    'odd keys': [json({ keys: [null, 1, 'x', [], { kty: 7 }, { kty: 'RSA' }, { ...publicKey, n: 'AQAB' }] }), /no key of the key set/],
    'hanging up': [(response) => void response.destroy(), /fetch failed/],
  };
  for (const [what, [answer, message]] of Object.entries(answers)) {
    const { url } = await keyServer(t, answer);
    const refusals: string[] = [];
    const timeout = what.startsWith('slow') ? 0.2 : 60;
    const { verifier } = verifierOf(url, { timeout, onRefused: ({ why }) => void refusals.push(why) });
    assert.equal(await status(verifier, token()), 503, what);
    assert.match(refusals[0] ?? '', message, what);
  }
});

test('keys that must not verify: private, secret, weak, for encryption, of another curve', async (t) => {
  const { publicKey, token, kid } = await issued();
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const weakPem = weak.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' });
  const bad: Record<string, object> = {
    'with its private half': { ...publicKey, d: 'AQAB' },
    'for encryption': { ...publicKey, use: 'enc' },
    'for signing alone': { ...publicKey, key_ops: ['sign'] },
    'for another algorithm': { ...publicKey, alg: 'RS512' },
    'for no algorithm that there is': { ...publicKey, alg: 'none' },
    'a secret': { kty: 'oct', k: 'A'.repeat(64), kid, alg: 'HS256' },
    '1024 bits': { ...weak.publicKey.export({ format: 'jwk' }), kid, alg: 'RS256' },
    secp256k1: { ...curve, kid, alg: 'ES256' },
  };
  for (const [what, key] of Object.entries(bad)) {
    const { url } = await keyServer(t, json({ keys: [key] }));
    const { verifier } = verifierOf(url);
    assert.notEqual(await status(verifier, token()), 200, what);
    const claims = { sub: 'user', sid: 'x', jti: 'x', iat: 0, exp: 4e9, token_use: 'access' };
    assert.notEqual(await status(verifier, forge({ alg: 'RS256', kid }, claims, byRsa(weakPem))), 200, what);
  }
  const { url } = await keyServer(t, json({ keys: [...Object.values(bad), publicKey, publicKey] }));
  assert.equal(await status(verifierOf(url).verifier, token()), 200, 'the good one among them, twice');
});

test('discovery by RFC 8414: the path, the issuer, the key set', async (t) => {
  const { publicKey, token } = await issued();
  const { url, state } = await keyServer(t, (response, path) => {
    if (path === '/jwks') json({ keys: [publicKey] })(response, path);
    else json({ issuer: `${url}/tenant`, jwks_uri: `${url}/jwks` })(response, path);
  });
  const issuer = `${url}/tenant`;
  const verifier = createVerifier({ issuer });
  assert.equal(await status(verifier, token({ iss: issuer })), 200);
  assert.deepEqual(state.paths, ['/.well-known/oauth-authorization-server/tenant', '/jwks']);
  assert.equal(await status(verifier, token({ iss: url })), 401);
  assert.equal(await status(verifier, token()), 401);
  assert.equal(await status(createVerifier({ issuer: url }), token({ iss: url })), 503, 'the metadata is of another issuer');
  state.answer = json({ issuer, jwks_uri: 'http://keys.example.org/jwks' });
  assert.equal(await status(createVerifier({ issuer }), token({ iss: issuer })), 503, 'the key set is elsewhere, over plain http');
});

test('options that cannot be right are refused at once', async () => {
  const { publicKey } = await issued();
  const keys = { keys: [publicKey] };
  const bad: [object, RegExp][] = [
    [{}, /one of issuer, jwksUrl and keys/],
    [{ jwksUrl: 'http://auth.example.org/jwks' }, /plain http/],
    [{ jwksUrl: 'ftp://x/' }, /https URL/],
    [{ jwksUrl: 'https://a:b@example.org/' }, /https URL/],
    [{ keys, audience: [] }, /audience/],
    [{ keys, algorithms: ['none'] }, /algorithms/],
    [{ jwksUrl: 'https://x.example/', algorithms: ['HS256'] }, /HS\*/],
    [{ keys, headerScheme: 'a b' }, /headerScheme/],
    [{ keys, profile: 'rfc9068' }, /requires issuer and audience/],
    [{ keys, clockSkew: -1 }, /clockSkew/],
    [{ keys, scopes: ['a b'] }, /scopes/],
    [{ keys, roles: [] }, /roles/],
    [{ keys, revocations: { url: 'https://x.example/', token: 'x' } }, /onStale/],
    [{ keys, stateful: { url: 'https://x.example/', token: '' } }, /SERVICE_TOKENS/],
  ];
  for (const [options, message] of bad) assert.throws(() => createVerifier(options), { name: 'TypeError', message });
});
