import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { send, type Reply } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

function assertPrivate(reply: Reply, of: string): void {
  assert.match(reply.headers['cache-control'] ?? '', /no-store/, of);
  assert.match(reply.headers['content-type'] ?? '', /^application\/json/, of);
}

function assertSecured({ headers }: Reply, of: string): void {
  assert.equal(headers['x-content-type-options'], 'nosniff', of);
  assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, of);
  assert.match(String(headers['x-frame-options']), /SAMEORIGIN|DENY/, of);
  assert.match(headers['strict-transport-security'] ?? '', /max-age=\d+/, of);
  assert.equal(headers['x-powered-by'], undefined, of);
  assert.equal(headers['server'], undefined, of);
  assert.match(String(headers['x-request-id']), UUID, of);
}

test('what holds a token, or says who is logged in, is kept by no cache; every answer has the headers that keep browsers safe', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  const replies: [string, Reply][] = [
    ['signup', await app.signup(email)],
    ['session', await app.session()],
    ['refresh', await app.refresh()],
    ['refused refresh', await app.refresh('nonsense')],
    ['sessions', await app.get('auth/sessions')],
    ['email', await app.get('account/email')],
    ['login', await browser.login(email)],
    ['cookie session', await browser.session()],
    ['config', await app.get('config')],
    ['bad input', await app.post('auth/login', {})],
    ['bad JSON', await app.post('auth/login', undefined, { rawBody: '{' })],
    ['too large', await app.post('auth/login', undefined, { rawBody: 'x'.repeat(300_000) })],
    ['csrf', await browser.logout({ csrf: false })],
    ['wrong method', await app.get('auth/login')],
    ['unknown path', await app.get('nope')],
    ['wrong host', await app.get('config', { headers: { Host: 'evil.example.org' } })],
    ['gone', await app.session({ auth: 'session', sessionToken: 'gone' })],
    ['password', await app.post('account/password/change', { current_password: PASSWORD, new_password: 'fresh-Pass-8-word' })],
    ['logout', await app.logout({ auth: 'session' })],
  ];
  for (const [of, reply] of replies) {
    assertPrivate(reply, of);
    assertSecured(reply, of);
  }
  assert.equal(new Set(replies.map(([, { headers }]) => headers['x-request-id'])).size, replies.length, 'each has an id of its own');
  for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json']) assertSecured(await send(server.url, { path }), path);
});

test('a request id from outside is not taken over', async (t) => {
  const { url } = await testServer(t);
  const { headers } = await send(url, { path: '/healthz', headers: { 'X-Request-Id': 'mine' } });
  assert.match(String(headers['x-request-id']), UUID);
});

test('the key set may be kept by caches, and is not sent twice', async (t) => {
  const { url } = await testServer(t);
  const path = '/.well-known/jwks.json';
  const reply = await send(url, { path });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['cache-control'], 'public, max-age=300');
  assert.match(reply.headers['content-type'] ?? '', /^application\/jwk-set\+json/);
  assert.doesNotMatch(reply.text, /"(d|p|q|dp|dq|qi|k)":/, 'public members alone');
  const etag = reply.headers.etag ?? '';
  assert.match(etag, /^"[^"]+"$/);
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await send(url, { path, headers: { 'If-None-Match': known } });
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag], known);
  }
  assert.equal((await send(url, { path, headers: { 'If-None-Match': '"x"' } })).status, 200);
  const head = await send(url, { path, method: 'HEAD' });
  assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', etag]);
  const post = await send(url, { path, method: 'POST' });
  assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
});

test('the access log has a line for each request, with its id and without its query, headers and body', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  app.headers = { 'User-Agent': 'agent-in-log' };
  const signup = await app.signup(newEmail());
  const config = await app.get('config?token=query-in-log#x');
  const lines = server.log.map((line) => JSON.parse(line) as { msg?: string; req?: Record<string, unknown> });
  const requests = lines.filter(({ msg }) => msg === 'request').map(({ req }) => req);
  assert.deepEqual(
    requests.map((req) => [req?.['id'], req?.['method'], req?.['path'], req?.['status']]),
    [
      [signup.headers['x-request-id'], 'POST', '/_allauth/app/v1/auth/signup', 200],
      [config.headers['x-request-id'], 'GET', '/_allauth/app/v1/config', 200],
    ],
  );
  for (const text of ['query-in-log', 'agent-in-log', '@example.org']) assert.ok(!server.log.join('').includes(text), text);
});
