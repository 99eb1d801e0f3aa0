import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, PASSWORD, type BrowserClient } from '../support/clients.ts';
import type { Reply } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const ORIGIN = 'https://spa.example.org';
const SETTINGS: Config = { CORS_ALLOWED_ORIGINS: [ORIGIN, 'http://localhost:5173'] };

function corsHeaders({ headers }: Reply): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

function preflight(browser: BrowserClient, origin: string): Promise<Reply> {
  return browser.send('OPTIONS', 'auth/login', undefined, {
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type,x-csrftoken' },
  });
}

test('a preflight of an allowed origin says what may be sent, with credentials', async (t) => {
  const browser = (await testServer(t, SETTINGS)).browser();
  const reply = await preflight(browser, ORIGIN);
  assert.ok(reply.status === 204 || reply.status === 200);
  assert.equal(reply.headers['access-control-allow-origin'], ORIGIN);
  assert.equal(reply.headers['access-control-allow-credentials'], 'true');
  assert.match(reply.headers['access-control-allow-methods'] ?? '', /POST/);
  assert.match(reply.headers['access-control-allow-methods'] ?? '', /DELETE/);
  assert.match(reply.headers['access-control-allow-headers'] ?? '', /x-csrftoken/i);
  assert.match(reply.headers.vary ?? '', /origin/i);
});

test('other origins get no word of it, nor does anybody where the setting is empty', async (t) => {
  const allowing = await testServer(t, SETTINGS);
  const closed = await testServer(t);
  for (const origin of [
    'https://evil.example.org',
    'null',
    '*',
    `${ORIGIN}.evil.org`,
    ORIGIN.toUpperCase(),
    'http://spa.example.org',
    '',
  ]) {
    const browser = allowing.browser();
    assert.deepEqual(corsHeaders(await preflight(browser, origin)), [], origin);
    const read = await browser.session({ headers: { Origin: origin } });
    assert.deepEqual([read.status, corsHeaders(read)], [401, []], origin);
    assert.match(read.headers.vary ?? '', /origin/i, 'caches must not mix them up');
  }
  assert.deepEqual(corsHeaders(await preflight(closed.browser(), ORIGIN)), []);
  assert.deepEqual(corsHeaders(await closed.browser().session({ headers: { Origin: ORIGIN } })), []);
});

test('an app elsewhere learns the CSRF token from a header, and can log in and out', async (t) => {
  const server = await testServer(t, SETTINGS);
  const browser = server.browser();
  browser.headers = { Origin: ORIGIN };
  const config = await browser.get('config');
  const token = String(config.headers['x-csrftoken']);
  assert.equal(token, browser.cookies.get('csrftoken'));
  assert.match(config.headers['access-control-expose-headers']?.toString() ?? '', /x-csrftoken/i);
  const reply = await browser.post('auth/signup', { email: newEmail(), password: PASSWORD }, { csrf: token });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['access-control-allow-origin'], ORIGIN);
  assert.equal(reply.headers['access-control-allow-credentials'], 'true');
  assert.notEqual(reply.headers['x-csrftoken'], token, 'the new one of the login');
  assert.equal((await browser.logout({ csrf: String(reply.headers['x-csrftoken']) })).status, 401);
  const stranger = await server.browser().get('config', { headers: { Origin: 'https://evil.example.org' } });
  assert.equal(stranger.headers['x-csrftoken'], undefined, 'others do not');
});

test('errors can be read by an allowed origin too', async (t) => {
  const server = await testServer(t, SETTINGS);
  const app = server.app();
  app.headers = { Origin: ORIGIN };
  for (const reply of [
    await app.get('nope'),
    await app.get('auth/login'),
    await app.post('auth/login', {}),
    await app.post('auth/login', undefined, { rawBody: '{' }),
    await app.post('auth/login', undefined, { rawBody: 'x'.repeat(300_000) }),
    await app.session({ auth: 'session', sessionToken: 'gone' }),
  ]) {
    assert.ok(reply.status >= 400);
    assert.equal(reply.headers['access-control-allow-origin'], ORIGIN, String(reply.status));
  }
  const refused = await server.browser().post('auth/login', {}, { csrf: false, headers: { Origin: ORIGIN } });
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [403, ORIGIN]);
});
