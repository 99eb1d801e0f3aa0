import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, PASSWORD, type BrowserClient } from '../support/clients.ts';
import type { Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const BEHIND_TLS: Config = { SECURE_PROXY_SSL_HEADER: ['X-Forwarded-Proto', 'https'] };

function logIn(browser: BrowserClient, email: string, headers: Record<string, string> = {}): Promise<Reply> {
  return browser.post('auth/login', { email, password: PASSWORD }, { headers });
}

/** Whether a login with these headers passes the check; each call uses a new browser. */
async function passes(server: TestServer, email: string, headers: Record<string, string>): Promise<boolean> {
  const { status } = await logIn(server.browser(), email, headers);
  assert.ok(status === 200 || status === 403, String(status));
  return status === 200;
}

test('what changes something needs the token of the cookie in the header', async (t) => {
  const server = await testServer(t);
  const browser = server.browser();
  const body = { email: newEmail(), password: PASSWORD };
  const bare = await browser.post('auth/signup', body, { csrf: false });
  assert.deepEqual([bare.status, bare.errorCodes], [403, [':csrf_failed']]);
  await browser.get('config');
  const token = browser.cookies.get('csrftoken') ?? '';
  for (const csrf of [false, 'short', 'a'.repeat(32), `${token}x`, token.toUpperCase(), `${token}, ${token}`, ''] as const) {
    assert.equal((await browser.post('auth/signup', body, { csrf })).status, 403, String(csrf));
  }
  const other = server.browser();
  assert.equal((await other.post('auth/signup', body, { csrf: token })).status, 403, 'without the cookie');
  other.cookies.set('csrftoken', 'short');
  assert.equal((await other.post('auth/signup', body, { csrf: 'short' })).status, 403, 'a cookie that is no token of ours');
  assert.equal((await browser.post('auth/signup', body)).status, 200);
});

test('every call that changes something is checked, before anything else is looked at', async (t) => {
  const server = await testServer(t);
  const browser = server.browser();
  await browser.signup(newEmail());
  const calls: readonly [string, string][] = [
    ['POST', 'auth/signup'],
    ['POST', 'auth/login'],
    ['POST', 'auth/reauthenticate'],
    ['POST', 'account/password/change'],
    ['DELETE', 'auth/session'],
    ['DELETE', 'auth/sessions'],
    ['PUT', 'auth/login'],
    ['PATCH', 'config'],
  ];
  for (const [method, path] of calls) {
    for (const rawBody of ['{', '{}', 'x'.repeat(300_000)]) {
      assert.equal((await browser.send(method, path, undefined, { csrf: false, rawBody })).status, 403, `${method} ${path}`);
    }
  }
  assert.equal((await browser.session()).status, 200);
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    assert.ok((await browser.send(method, 'auth/session', undefined, { csrf: false })).status < 300, method);
  }
});

test('apps need no token', async (t) => {
  const server = await testServer(t);
  assert.equal((await server.app().signup(newEmail())).status, 200);
});

test('another origin is refused, this one and none at all pass over http', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  const { host } = new URL(server.url);
  for (const Origin of [
    'https://evil.example.org',
    'null',
    `https://${host}`,
    'http://127.0.0.1',
    'http://127.0.0.1.evil.example.org',
    `http://${host}.evil.org`,
    `http://${host}/`,
    'http://',
    '*',
    'about:blank',
  ]) {
    assert.equal(await passes(server, email, { Origin }), false, Origin);
  }
  assert.equal(await passes(server, email, { Origin: `http://${host}` }), true);
  assert.equal(await passes(server, email, {}), true);
  assert.equal(await passes(server, email, { Referer: 'http://evil.example.org/x' }), true, 'over http the Referer is not looked at');
  const read = await server.browser().session({ headers: { Origin: 'https://evil.example.org' } });
  assert.equal(read.status, 401, 'reading is not checked');
});

test('over https behind a proxy the Origin, or else the Referer, must be from here', async (t) => {
  const server = await testServer(t, BEHIND_TLS);
  const email = newEmail();
  await server.app().signup(email);
  const { host } = new URL(server.url);
  const by = (headers: Record<string, string>) => passes(server, email, { 'X-Forwarded-Proto': 'https', ...headers });
  assert.equal(await by({}), false, 'neither');
  assert.equal(await by({ Referer: `https://${host}/login?next=/` }), true);
  assert.equal(await by({ Referer: `http://${host}/login` }), false);
  assert.equal(await by({ Referer: 'https://evil.example.org/login' }), false);
  assert.equal(await by({ Referer: `https://evil.example.org/?https://${host}/` }), false);
  assert.equal(await by({ Referer: `https://${host}@evil.example.org/` }), false);
  assert.equal(await by({ Referer: 'not a url' }), false);
  assert.equal(await by({ Origin: `https://${host}` }), true);
  assert.equal(await by({ Origin: `http://${host}` }), false);
  assert.equal(await by({ Origin: 'https://evil.example.org', Referer: `https://${host}/` }), false, 'the Origin goes first');
  assert.equal(await passes(server, email, { Origin: `http://${host}` }), true, 'who came by http');
  assert.equal(await passes(server, email, { 'X-Forwarded-Proto': 'http', Origin: `https://${host}` }), false);
});

test('CSRF_TRUSTED_ORIGINS may change something, with * for any subdomain', async (t) => {
  const server = await testServer(t, {
    CSRF_TRUSTED_ORIGINS: ['https://app.example.org', 'https://*.example.com', 'http://localhost:3000'],
  });
  const email = newEmail();
  await server.app().signup(email);
  for (const Origin of ['https://app.example.org', 'https://a.example.com', 'https://a.b.example.com', 'http://localhost:3000']) {
    assert.equal(await passes(server, email, { Origin }), true, Origin);
  }
  for (const Origin of [
    'http://app.example.org',
    'https://app.example.org:8443',
    'https://x.app.example.org',
    'https://example.com',
    'http://a.example.com',
    'https://a.example.com.evil.net',
    'https://evil-example.com',
    'https://evil.net/.example.com',
    'http://localhost',
  ]) {
    assert.equal(await passes(server, email, { Origin }), false, Origin);
  }
});

test('a trusted origin still needs the token', async (t) => {
  const server = await testServer(t, { CSRF_TRUSTED_ORIGINS: ['https://app.example.org'] });
  const browser = server.browser();
  await browser.get('config');
  const reply = await browser.post('auth/login', {}, { csrf: false, headers: { Origin: 'https://app.example.org' } });
  assert.equal(reply.status, 403);
});
