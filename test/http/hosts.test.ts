import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail } from '../support/clients.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { exchangeRaw } from './raw.ts';

const CONFIG = '/_allauth/app/v1/config';

function ask(url: string, host: string, path = CONFIG) {
  return send(url, { path, headers: { Host: host } });
}

test('in development the names of this machine are allowed, others get 400', async (t) => {
  const { url } = await testServer(t);
  for (const host of ['localhost', 'LOCALHOST:8000', '127.0.0.1', '127.0.0.1:1', '[::1]', '[::1]:8000', 'localhost.']) {
    assert.equal((await ask(url, host)).status, 200, host);
  }
  for (const host of [
    'evil.example.org',
    'localhost.evil.org',
    'xlocalhost',
    '127.0.0.2',
    '[::2]',
    'localhost/x',
    'localhost:x',
    'a@localhost:8000@b',
    ' ',
    '[::1',
  ]) {
    const reply = await ask(url, host);
    assert.deepEqual([reply.status, reply.errorCodes], [400, [':invalid_host']], host);
  }
});

test('ALLOWED_HOSTS has names, whole domains, and *', async (t) => {
  const { url } = await testServer(t, { ALLOWED_HOSTS: ['auth.example.org', '.example.com', '[2001:db8::1]'] });
  for (const host of ['auth.example.org', 'example.com', 'a.b.example.com:443', '[2001:db8::1]:80', 'AUTH.example.ORG']) {
    assert.equal((await ask(url, host)).status, 200, host);
  }
  for (const host of ['localhost', 'example.org', 'x.auth.example.org', 'evil-example.com', 'example.com.evil.net']) {
    assert.equal((await ask(url, host)).status, 400, host);
  }
  const open = await testServer(t, { ALLOWED_HOSTS: ['*'] });
  assert.equal((await ask(open.url, 'anything.example.net')).status, 200);
});

test('forwarded host headers are not believed', async (t) => {
  const { url } = await testServer(t, { ALLAUTH_TRUSTED_PROXY_COUNT: 1 });
  const by = (headers: Record<string, string>) => send(url, { path: CONFIG, headers });
  assert.equal((await by({ Host: 'evil.example.org', 'X-Forwarded-Host': 'localhost' })).status, 400);
  assert.equal((await by({ Host: 'localhost', 'X-Forwarded-Host': 'evil.example.org' })).status, 200);
});

test('a request without Host is refused', async (t) => {
  const { url } = await testServer(t);
  assert.equal((await exchangeRaw(url, [`GET ${CONFIG} HTTP/1.1`])).status, 400);
  const old = await exchangeRaw(url, [`GET ${CONFIG} HTTP/1.0`]);
  assert.equal(old.status, 400);
  assert.match(old.text, /invalid_host/);
});

test('a Host that stands twice does not get around the check', async (t) => {
  const { url } = await testServer(t);
  assert.equal((await exchangeRaw(url, [`GET ${CONFIG} HTTP/1.1`, 'Host: evil.example.org', 'Host: localhost'])).status, 400);
});

test('a wrong Host gets nothing done, and no cookie', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  assert.equal(
    (await app.post('auth/signup', { email, password: 'correct-Horse-7' }, { headers: { Host: 'evil.example.org' } })).status,
    400,
  );
  assert.equal((await app.login(email, 'correct-Horse-7')).status, 400, 'there is no such account');
  const reply = await browser.get('config', { headers: { Host: 'evil.example.org' } });
  assert.deepEqual([reply.status, reply.setCookies.size], [400, 0]);
  assert.equal((await ask(server.url, 'evil.example.org', '/.well-known/jwks.json')).status, 400);
});

test('load balancers ask for health under any name', async (t) => {
  const { url } = await testServer(t);
  for (const path of ['/healthz', '/readyz']) {
    for (const host of ['10.1.2.3:8000', 'evil.example.org', '']) assert.equal((await ask(url, host, path)).status, 200, `${path} ${host}`);
    assert.equal((await exchangeRaw(url, [`GET ${path} HTTP/1.0`])).status, 200);
  }
});
