import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Algorithm } from '../../src/contracts/algorithms.ts';
import { send, type Reply } from '../support/http.ts';
import type { TestServer } from '../support/server.ts';
import { keyFor, newKey } from './support/jwt.ts';
import { tokenServer } from './support/server.ts';

const PATH = '/.well-known/jwks.json';

const ask = ({ url }: TestServer, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> =>
  send(url, { method, path: PATH, headers });

/** The members that a public key of each kind has (RFC 7518 section 6, RFC 8037 section 2), with ours. */
const MEMBERS: [Algorithm, string[]][] = [
  ['RS256', ['alg', 'e', 'kid', 'kty', 'n', 'use']],
  ['PS384', ['alg', 'e', 'kid', 'kty', 'n', 'use']],
  ['ES512', ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
  ['EdDSA', ['alg', 'crv', 'kid', 'kty', 'use', 'x']],
];

for (const [algorithm, members] of MEMBERS) {
  test(`${algorithm}: the public members of each key, and no others`, async (t) => {
    const keys = [await newKey(algorithm), await keyFor(algorithm)];
    const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: algorithm, HEADLESS_JWT_PRIVATE_KEY: keys });
    const { status, headers, json } = await ask(server);
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^application\/jwk-set\+json/);
    assert.equal(headers['cache-control'], 'public, max-age=300');
    assert.deepEqual(Object.keys(json as object), ['keys']);
    const found = (json as { keys: JWK[] }).keys;
    assert.equal(found.length, 2);
    for (const key of found) {
      assert.deepEqual(Object.keys(key).sort(), members);
      assert.deepEqual([key.alg, key.use], [algorithm, 'sig']);
      assert.equal(key.kid, await calculateJwkThumbprint(key));
    }
  });
}

test('HS*: an empty set, so that no secret ever leaves', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: 'HS256' });
  const { status, text } = await ask(server);
  assert.equal(status, 200);
  assert.equal(text, '{"keys":[]}');
});

test('a strategy without keys has an empty set', async (t) => {
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: 'allauth.headless.tokens.strategies.sessions.SessionTokenStrategy' });
  assert.equal((await ask(server)).text, '{"keys":[]}');
});

test('ETag and If-None-Match: 304 without a body for who knows the set', async (t) => {
  const server = await tokenServer(t);
  const { headers, text } = await ask(server);
  const etag = headers.etag ?? '';
  assert.match(etag, /^"[^"]+"$/);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, `"other" ,W/${etag}`, '*']) {
    const reply = await ask(server, { 'If-None-Match': known });
    assert.deepEqual([reply.status, reply.text, reply.headers.etag], [304, '', etag], known);
    assert.equal(reply.headers['cache-control'], 'public, max-age=300');
  }
  for (const other of ['"other"', etag.slice(1, -1), '']) {
    const reply = await ask(server, { 'If-None-Match': other });
    assert.deepEqual([reply.status, reply.text], [200, text], other);
  }
});

test('another set has another ETag, the same set the same one', async (t) => {
  const key = await keyFor('RS256');
  const etag = async (keys: string[]): Promise<string | undefined> =>
    (await ask(await tokenServer(t, { HEADLESS_JWT_PRIVATE_KEY: keys }))).headers.etag;
  const [first, same, more] = [await etag([key]), await etag([key]), await etag([key, await newKey('RS256')])];
  assert.equal(first, same);
  assert.notEqual(first, more);
});

test('HEAD as GET without the body; other methods 405', async (t) => {
  const server = await tokenServer(t);
  const get = await ask(server);
  const head = await ask(server, {}, 'HEAD');
  assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', get.headers.etag]);
  assert.equal(head.headers['content-length'], String(Buffer.byteLength(get.text)));
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const reply = await ask(server, {}, method);
    assert.equal(reply.status, 405, method);
    assert.equal(reply.headers.allow, 'GET, HEAD');
  }
});
