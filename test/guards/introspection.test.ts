import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier, TokenRefused } from 'allauth-kit/verify';
import { Clock } from '../support/server.ts';
import { SourceUnavailable } from '../../src/jwt/errors.ts';
import { createIntrospection } from '../../src/guards/verify/introspection.ts';
import { issued, serveHttp } from './support/issuer.ts';

test('stateful: each token is asked about, the answer remembered, and a failure lets nobody on', async (t) => {
  const { token, publicKey } = await issued();
  const clock = new Clock();
  const state = { answer: '{"active":true}', status: 200, asked: [] as string[] };
  const url = await serveHttp(t, (request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      state.asked.push(`${request.method} ${request.headers.authorization} ${new URLSearchParams(body).get('token')}`);
      response.writeHead(state.status).end(state.answer);
    });
  });
  const verifier = createVerifier({
    keys: { keys: [publicKey] },
    stateful: { url, token: 'service', cache: 10 },
    now: clock.now,
    timeout: 60,
  });
  const status = (given: string): Promise<number> =>
    verifier.verify(given).then(
      () => 200,
      (error: TokenRefused) => error.refusal.status,
    );
  const mine = token();
  assert.deepEqual(await Promise.all([status(mine), status(mine), status(mine)]), [200, 200, 200]);
  assert.deepEqual(state.asked, [`POST Bearer service ${mine}`], 'once, by its signature good');
  assert.equal(await status(token({ token_use: 'refresh' })), 401);
  assert.equal(state.asked.length, 1, 'what is no good by itself is not asked about');

  state.answer = '{"active":false}';
  assert.equal(await status(mine), 200, 'within the cache');
  clock.advance(11);
  assert.equal(await status(mine), 401);
  for (const [code, answer] of [
    [500, ''],
    [401, ''],
    [200, '{"active":"true"}'],
    [200, '{}'],
    [200, 'null'],
    [200, '<html>'],
    [302, ''],
  ] as const) {
    Object.assign(state, { status: code, answer });
    assert.equal(await status(token()), 503, `${code} ${answer}`);
  }
  Object.assign(state, { status: 200, answer: '{"active":true}' });
  assert.equal(await status(token()), 200);
});

test('5000 answers are remembered, the latest ones; a late failure takes none of them away', async () => {
  let [asked, fail] = [0, (_: Error): void => undefined];
  const answers = [new Promise<Response>((_, reject) => (fail = reject))];
  const fetch = async (): Promise<Response> => {
    asked += 1;
    return answers.shift() ?? Response.json({ active: true });
  };
  const isActive = createIntrospection({ url: 'https://auth.example.org/', token: 'service' }, { fetch, now: () => 1000, timeout: 60 });
  const first = isActive('token', 'first');
  for (let index = 1; index < 5000; index += 1) await isActive('token', `${index}`);
  assert.equal(await isActive('token', '1'), true);
  assert.equal(asked, 5000);
  await isActive('token', '5000'); // the oldest has to make room
  assert.equal(await isActive('token', 'first'), true);
  assert.equal(asked, 5002);
  fail(new Error('away'));
  await assert.rejects(first, SourceUnavailable);
  for (const print of ['2', '4999', '5000', 'first']) assert.equal(await isActive('token', print), true);
  assert.equal(asked, 5002);
});
