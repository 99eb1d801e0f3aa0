import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newEmail, PASSWORD, type AppClient, type BrowserClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { INPUTS, INSIDES } from './endpoints.ts';

const PATHS = [...INPUTS.map(({ path }) => path), 'auth/session', 'config', 'account/email', 'nope', 'auth', ''];
const MEMBERS = [...new Set(INPUTS.flatMap(({ members }) => members)), '__proto__', 'constructor', 'length'];

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }), fc.emailAddress());
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.constant(PASSWORD) },
);
const body = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(fc.constantFrom(...MEMBERS), value, { maxKeys: 5 }).map((each) => JSON.stringify(each)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each)) },
);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
  path: fc.constantFrom(...PATHS),
  rawBody: body,
});

/** In the shape of the contract, and nothing of the inside in it. */
function assertSound(reply: Reply, of: string): void {
  assert.ok(reply.status >= 200 && reply.status < 500, `${of}: ${reply.status} ${reply.text}`);
  assert.match(reply.headers['content-type'] ?? '', /^application\/json/, of);
  assert.match(reply.headers['cache-control'] ?? '', /no-store/, of);
  assert.equal(dig(reply.json, 'status'), reply.status, of);
  for (const name of Object.keys(reply.json as object)) assert.ok(['status', 'data', 'meta', 'errors'].includes(name), `${of}: ${name}`);
  if (reply.status === 401 || reply.status === 410)
    assert.ok(reply.flowIds.includes('login') && dig(reply.meta, 'is_authenticated') === false, of);
  const errors = dig(reply.json, 'errors');
  if (reply.status === 400 && errors !== undefined) {
    assert.ok(Array.isArray(errors) && errors.length > 0, of);
    for (const error of errors) assert.ok(typeof dig(error, 'code') === 'string' && typeof dig(error, 'message') === 'string', of);
  }
  if (reply.status >= 400) assert.doesNotMatch(reply.text, INSIDES, of);
}

async function tryAll(clients: readonly (AppClient | BrowserClient)[], seed: number): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, rawBody }) => {
      for (const client of clients) {
        const options = client.kind === 'app' ? { rawBody, auth: 'session' as const, keep: false } : { rawBody };
        const reply = await client.send(method, path, undefined, options);
        seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1);
        assertSound(reply, `${client.kind} ${method} ${path} ${rawBody.toString().slice(0, 200)}`);
      }
    }),
    { seed, numRuns: 250 },
  );
  return seen;
}

test('whatever an anonymous client sends, the answer is sound', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_LOGIN_METHODS: ['email', 'username'],
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'username', 'password1*'],
  });
  const seen = await tryAll([server.app(), server.browser()], 1);
  for (const status of [200, 400, 401, 404, 405]) assert.ok((seen.get(status) ?? 0) > 0, `${status} was never answered`);
  assert.equal((await server.app().signup(newEmail())).status, 200, 'still standing');
  assert.ok(!server.log.some((line) => line.includes('a request failed')));
});

test('whatever a client that is logged in sends, the answer is sound', async (t) => {
  const server = await testServer(t);
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(newEmail());
  await browser.signup(newEmail());
  const seen = await tryAll([app, browser], 2);
  for (const status of [200, 400, 404, 405]) assert.ok((seen.get(status) ?? 0) > 0, `${status} was never answered`);
  assert.ok(!server.log.some((line) => line.includes('a request failed')));
});
