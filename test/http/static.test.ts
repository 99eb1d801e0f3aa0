import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Koa from 'koa';
import { staticMiddleware } from '../../src/http/koa-static.ts';
import { defer } from '../support/cleanup.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

/** An app with a dashboard mounted in it. */
async function mounted(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  return (await mountedFolder(t, files)).url;
}

async function mountedFolder(t: TestContext, files: Readonly<Record<string, string>>): Promise<{ url: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-static-'));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const app = new Koa();
  app.use(staticMiddleware({ root: '/back/office', folder, except: ['/back/office/api'], meta: { 'csrf-header': 'X-"<Token' } }));
  app.use((context) => {
    context.body = `the app's own ${context.path}`;
  });
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  defer(t, () => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, folder };
}

const FILES = {
  'index.html': '<!doctype html><html><head><title>x</title></head></html>',
  'assets/a-1f.js': 'let a',
  'icon.svg': '<svg/>',
};

test('the page is there at every depth with its base, its files with how long to keep them, all under a strict policy', async (t) => {
  const url = await mounted(t, FILES);
  for (const path of ['/back/office/', '/back/office/sessions', '/back/office/sessions/1f', '/back/office/index.html']) {
    const { status, headers, text } = await send(url, { path });
    assert.deepEqual([status, headers['cache-control']], [200, 'no-cache'], path);
    assert.match(text, /<head><base href="\/back\/office\/"><meta name="csrf-header" content="X-&quot;&lt;Token">/);
    assert.match(String(headers['content-type']), /^text\/html/);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  }
  const script = await send(url, { path: '/back/office/assets/a-1f.js' });
  assert.deepEqual([script.status, script.text], [200, 'let a']);
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.match(String(script.headers['content-security-policy']), /default-src 'self'/);
  const icon = await send(url, { path: '/back/office/icon.svg' });
  assert.deepEqual([icon.status, icon.headers['cache-control']], [200, 'no-cache']);
  const again = await send(url, { path: '/back/office/icon.svg', headers: { 'If-None-Match': icon.headers.etag ?? '' } });
  assert.deepEqual([again.status, again.text], [304, '']);
});

test('what is missing, outside or not for reading is refused, and the rest of the app is left alone', async (t) => {
  const url = await mounted(t, FILES);
  for (const path of [
    '/back/office/assets/b-2e.js',
    '/back/office/../../etc/passwd.txt',
    '/back/office/%2e%2e/%2e%2e/package.json',
    '/back/office/.env',
  ]) {
    const { status, text } = await send(url, { path });
    assert.ok(status === 404 || !text.includes('root:'), path);
    assert.doesNotMatch(text, /"name"/);
  }
  assert.equal((await send(url, { path: '/back/office/assets/b-2e.js' })).status, 404);
  assert.deepEqual([(await send(url, { path: '/back/office/', method: 'HEAD' })).text], ['']);
  const post = await send(url, { path: '/back/office/', method: 'POST' });
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
  const bare = await send(url, { path: '/back/office?next=1' });
  assert.deepEqual([bare.status, bare.headers.location], [302, '/back/office/?next=1']);
  for (const path of ['/', '/back/officer', '/back/office/api/v1/sessions'])
    assert.equal((await send(url, { path })).text, `the app's own ${path}`);
});

test('files that go or cannot be read under a running server are refused, and it runs on', async (t) => {
  const { url, folder } = await mountedFolder(t, { ...FILES, 'assets/b-2f.js': 'let b' });
  rmSync(join(folder, 'assets/a-1f.js'));
  assert.equal((await send(url, { path: '/back/office/assets/a-1f.js' })).status, 404);
  // Nobody, not even root, reads a folder as a file.
  rmSync(join(folder, 'assets/b-2f.js'));
  mkdirSync(join(folder, 'assets/b-2f.js'));
  await assert.rejects(send(url, { path: '/back/office/assets/b-2f.js' }));
  assert.equal((await send(url, { path: '/back/office/icon.svg' })).status, 200);
});

test('a dashboard that was not built says so', async (t) => {
  const url = await mounted(t, {});
  const reply = await send(url, { path: '/back/office/' });
  assert.equal(reply.status, 404);
  assert.match(reply.text, /not built: run `npm run build`/);
});

test('the server has its dashboard where ADMIN_PATH says, unless ADMIN_ENABLED is off', async (t) => {
  const server = await testServer(t, { ADMIN_PATH: '/office' });
  const there = await send(server.url, { path: '/office/' });
  assert.match(String(there.headers['content-security-policy']), /default-src 'self'/);
  assert.equal((await send(server.url, { path: '/office/api/v1/audit' })).status, 401);
  assert.equal((await send(server.url, { path: '/admin/' })).text, '{"status":404}');
  const without = await testServer(t, { ADMIN_ENABLED: false });
  assert.equal((await send(without.url, { path: '/admin/' })).text, '{"status":404}');
});
