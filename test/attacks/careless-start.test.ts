import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsFrom, SettingsError } from '../../src/settings/index.ts';
import { exchangeRaw } from '../http/raw.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const MAILS = '/_allauth/dev/mails';

const PRODUCTION = { SECRET_KEY: 'x'.repeat(40), ALLOWED_HOSTS: ['auth.example.org'], SMS_SENDER: null };

const from = (config: Record<string, unknown>, environment: NodeJS.ProcessEnv) => settingsFrom(config, { folder: '/', environment });

test('a NODE_ENV that only looks like production stops the start', async () => {
  for (const word of ['Production', 'prod', 'production ', 'PRODUCTION', 'staging', 'live']) {
    await assert.rejects(from({}, { NODE_ENV: word }), (error: unknown) => {
      assert.ok(error instanceof SettingsError);
      assert.deepEqual(
        error.problems.map(({ name }) => name),
        ['NODE_ENV'],
        word,
      );
      return true;
    });
  }
  for (const word of [undefined, '', 'development', 'test']) assert.equal((await from({}, { NODE_ENV: word })).production, false);
  assert.equal((await from(PRODUCTION, { NODE_ENV: 'production' })).production, true);
});

test('a development server that others may reach says so', async () => {
  for (const config of [{}, { DATABASE: 'postgresql://127.0.0.1/auth' }, { DATABASE: 'postgresql:///auth' }]) {
    assert.deepEqual((await from(config, {})).warnings, [], JSON.stringify(config));
  }
  for (const config of [{ HOST: '0.0.0.0' }, { ALLOWED_HOSTS: ['localhost', 'auth.example.org'] }, { DATABASE: 'postgresql://db/auth' }]) {
    const { warnings } = await from(config, {});
    assert.equal(warnings.length, 1, JSON.stringify(config));
    assert.match(warnings[0] ?? '', /development server.*NODE_ENV=production/);
  }
});

test('production without https in sight says that cookies go out without Secure', async () => {
  const production = { NODE_ENV: 'production' };
  assert.match((await from(PRODUCTION, production)).warnings.join(), /without Secure/);
  for (const more of [
    { SECURE_PROXY_SSL_HEADER: ['HTTP_X_FORWARDED_PROTO', 'https'] },
    { SESSION_COOKIE_SECURE: true },
    { CSRF_TRUSTED_ORIGINS: ['https://app.example.org'] },
  ]) {
    assert.deepEqual((await from({ ...PRODUCTION, ...more }, production)).warnings, [], JSON.stringify(more));
  }
});

test('the mails of development are for this computer alone', async (t) => {
  const { url } = await testServer(t, { ALLOWED_HOSTS: ['*'], MAIL_SENDER: undefined });
  assert.equal((await send(url, { path: MAILS })).status, 200);
  assert.equal((await send(url, { path: MAILS, headers: { Host: 'app.localhost:8000' } })).status, 200);
  for (const headers of [
    { Host: 'auth.example.org' },
    { Host: '203.0.113.7' },
    { 'X-Forwarded-For': '127.0.0.1' },
    { Forwarded: 'for=127.0.0.1' },
    { 'X-Real-Ip': '127.0.0.1' },
    { Via: '1.1 proxy' },
  ]) {
    assert.equal((await send(url, { path: MAILS, headers })).status, 404, JSON.stringify(headers));
    assert.equal((await send(url, { path: `${MAILS}/1/html`, headers })).status, 404, JSON.stringify(headers));
  }
});

test('a request that names two hosts is refused', async (t) => {
  const { url } = await testServer(t, { ALLOWED_HOSTS: ['*'] });
  const { host } = new URL(url);
  const path = '/_allauth/app/v1/config';
  const ask = async (...head: string[]) => (await exchangeRaw(url, head)).status;
  assert.equal(await ask(`GET ${path} HTTP/1.1`, `Host: ${host}`), 200);
  assert.equal(await ask(`GET ${url}${path} HTTP/1.1`, `Host: ${host}`), 200);
  assert.equal(await ask(`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Host: evil.example.org'), 400);
  assert.equal(await ask(`GET ${path} HTTP/1.1`, 'host: evil.example.org', `Host: ${host}`), 400);
  assert.equal(await ask(`GET http://evil.example.org${path} HTTP/1.1`, `Host: ${host}`), 400);
});
