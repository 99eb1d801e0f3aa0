import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { defer } from '../support/cleanup.ts';
import { AppClient, newEmail } from '../support/clients.ts';
import { dig, send, type Reply } from '../support/http.ts';
import { NODE_FLAGS } from '../support/program.ts';
import { until } from '../support/until.ts';
import { secret } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { decode, forge, keyFor } from '../tokens/support/jwt.ts';
import { EXAMPLES, installed, start, withoutBuild } from './support.ts';

/** The first Python that has what the example needs: that of the path may be another one than Debian's, whose packages it does not see. */
const python = ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, ['-c', 'import jwt, cryptography']).status === 0);
const withoutPyJwt = python || process.env['CI'] ? false : 'no python3 here has PyJWT and cryptography';

test('express-api lets on who is signed in, and feels a logout through the feed', async (t) => {
  const token = randomBytes(32).toString('hex');
  secret(token);
  const server = await testServer(t, { SERVICE_TOKENS: [token] });
  const folder = installed(t, 'express-api', ['express']);
  const program = [...NODE_FLAGS, join(folder, 'server.js')];
  const url = await start(t, [process.execPath, ...program], { AUTH_URL: server.url, SERVICE_TOKEN: token });
  const app = server.app();
  const { data } = await app.signup(newEmail());
  const get = (path: string, bearer = '') => send(url, { path, headers: bearer ? { Authorization: `Bearer ${bearer}` } : {} });
  // Until the first snapshot of the feed is there, nothing is let on: 503.
  await until(async () => (await get('/me', app.accessToken)).status !== 503);
  assert.equal(dig((await get('/me', app.accessToken)).json, 'sub'), dig(data, 'user', 'id'));
  assert.equal((await get('/public')).status, 200);
  assert.equal((await get('/me')).status, 401);
  assert.equal((await get('/me', app.refreshToken)).status, 401);
  await app.logout();
  await until(async () => (await get('/me', app.accessToken)).status !== 200);
  assert.equal((await get('/me', app.accessToken)).status, 401);
});

for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
  test(`python-service verifies with the key set alone, ${algorithm}`, { skip: withoutPyJwt }, async (t) => {
    const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor(algorithm), HEADLESS_JWT_ALGORITHM: algorithm });
    const url = await start(t, [python ?? 'python3', `${EXAMPLES}python-service/service.py`], { AUTH_URL: server.url });
    const app = server.app();
    const { data } = await app.signup(newEmail());
    const get = (bearer: string) => send(url, { path: '/', headers: { Authorization: `Bearer ${bearer}` } });
    assert.equal(dig((await get(app.accessToken)).json, 'sub'), dig(data, 'user', 'id'));
    const { header, claims } = decode(app.accessToken);
    const published = (await send(server.url, { path: '/.well-known/jwks.json' })).text;
    const forged = [
      forge({ ...header, alg: 'none' }, claims, () => Buffer.from('')),
      forge({ ...header, alg: 'HS256' }, claims, (input) => createHmac('sha256', published).update(input).digest()),
      forge({ ...header, alg: 'PS512' }, claims, () => randomBytes(256)),
      forge({ ...header, kid: 7 }, claims, () => randomBytes(256)),
      forge(header, '"x"', () => randomBytes(256)),
    ];
    for (const bad of ['', 'x', '..', `${app.accessToken}x`, app.refreshToken, ...forged]) {
      assert.equal((await get(bad)).status, 401, bad.slice(0, 40));
    }
    // Names that were made up do not make it ask again and again.
    for (let each = 0; each < 20; each++) {
      assert.equal((await get(forge({ ...header, kid: `made-up-${each}` }, claims, () => randomBytes(256)))).status, 401);
    }
    const asked = server.log.filter((line) => line.includes('"path":"/.well-known/jwks.json"'));
    assert.equal(asked.length, 2, 'once by the service, once by this test');
  });
}

test('python-service answers 503 while it has no keys', { skip: withoutPyJwt }, async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  await server.close();
  const url = await start(t, [python ?? 'python3', `${EXAMPLES}python-service/service.py`], { AUTH_URL: server.url });
  const reply = await send(url, { path: '/', headers: { Authorization: `Bearer ${app.accessToken}` } });
  assert.equal(reply.status, 503);
  assert.equal(reply.headers['retry-after'], '10');
});

test('npm run example starts an example beside an auth server of its own, and a signal ends both', { skip: withoutBuild }, async (t) => {
  const script = join(EXAMPLES, '../scripts/example.js');
  const unknown = spawnSync(process.execPath, [script, 'nonsense'], { encoding: 'utf8' });
  assert.equal(unknown.status, 1);
  for (const name of ['express-api', 'hono-ssr', 'python-service', 'react-spa']) assert.ok(unknown.stderr.includes(name), name);

  const folder = installed(t, 'express-api', ['express']);
  const child = spawn(process.execPath, [script, folder], {
    env: { ...process.env, PORT: '0', SECRET_KEY: randomBytes(32).toString('hex') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  defer(t, () => child.kill('SIGTERM'));
  const found: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+$|(?<=listens on )http:\S+/.exec(line) ?? [];
    if (url) found.push(url);
    if (line.startsWith('LISTENING')) break;
  }
  const [auth = '', api = ''] = [found[0], found.at(-1)];
  assert.notEqual(auth, api);
  const app = new AppClient({ url: auth });
  await app.signup(newEmail());
  const me = (): Promise<Reply> => send(api, { path: '/me', headers: { Authorization: `Bearer ${app.accessToken}` } });
  await until(async () => (await me()).status !== 503);
  assert.equal((await me()).status, 200);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  for (const url of [auth, api]) await assert.rejects(send(url, { path: '/' }));
});
