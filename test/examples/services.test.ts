import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defer } from '../support/cleanup.ts';
import { newEmail } from '../support/clients.ts';
import { dig, send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = join(ROOT, 'examples/');
const withoutPyJwt =
  spawnSync('python3', ['-c', 'import jwt, cryptography']).status === 0 ? false : 'python3 has no PyJWT and cryptography';

/** A copy of an example with what it depends on, as `npm install` links it. */
function installed(t: TestContext, name: string, packages: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), `allauth-${name}-`));
  defer(t, () => rmSync(folder, { recursive: true }));
  cpSync(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/allauth-kit'));
  for (const each of packages) symlinkSync(join(ROOT, 'node_modules', each), join(folder, 'node_modules', each));
  return folder;
}

/** Starts an example; its address once it listens. */
async function start(t: TestContext, command: string, args: string[], env: Record<string, string>): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  defer(t, async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.kill('SIGKILL')) await ended;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^LISTENING (.+)$/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error(`${command} ${args.join(' ')} ended before it listened`);
}

test('express-api lets on who is signed in, and feels a logout through the feed', async (t) => {
  const token = randomBytes(32).toString('hex');
  const server = await testServer(t, { SERVICE_TOKENS: [token] });
  const folder = installed(t, 'express-api', ['express']);
  const url = await start(
    t,
    process.execPath,
    ['--conditions=allauth-source', '--import', import.meta.resolve('tsx'), join(folder, 'server.js')],
    {
      AUTH_URL: server.url,
      SERVICE_TOKEN: token,
    },
  );
  const app = server.app();
  const { data } = await app.signup(newEmail());
  const get = (path: string, bearer = '') => send(url, { path, headers: bearer ? { Authorization: `Bearer ${bearer}` } : {} });
  const deadline = Date.now() + 20_000;
  // Until the first snapshot of the feed is there, nothing is let on: 503.
  while ((await get('/me', app.accessToken)).status === 503 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(dig((await get('/me', app.accessToken)).json, 'sub'), dig(data, 'user', 'id'));
  assert.equal((await get('/public')).status, 200);
  assert.equal((await get('/me')).status, 401);
  assert.equal((await get('/me', app.refreshToken)).status, 401);
  await app.logout();
  while ((await get('/me', app.accessToken)).status === 200 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await get('/me', app.accessToken)).status, 401);
});

test('python-service verifies with the key set alone', { skip: withoutPyJwt }, async (t) => {
  const server = await testServer(t);
  const url = await start(t, 'python3', [`${EXAMPLES}python-service/service.py`], { AUTH_URL: server.url });
  const app = server.app();
  const { data } = await app.signup(newEmail());
  const get = (bearer: string) => send(url, { path: '/', headers: { Authorization: `Bearer ${bearer}` } });
  assert.equal(dig((await get(app.accessToken)).json, 'sub'), dig(data, 'user', 'id'));
  for (const bad of ['', 'x', `${app.accessToken}x`, app.refreshToken]) assert.equal((await get(bad)).status, 401, bad.slice(0, 10));
});
