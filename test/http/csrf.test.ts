import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csrfFault, isCsrfToken, newCsrfToken, type CsrfSubject } from '../../src/http/csrf.ts';
import { settingsOf } from '../support/settings.ts';

const token = newCsrfToken();
const good: CsrfSubject = {
  method: 'POST',
  secure: false,
  host: 'auth.example.org',
  origin: 'http://auth.example.org',
  referer: '',
  cookie: token,
  token,
};

test('the same token in cookie and header from this origin passes', async () => {
  assert.equal(csrfFault(await settingsOf({}), good), null);
});

test('what only reads is not looked at', async () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    assert.equal(csrfFault(await settingsOf({}), { ...good, method, origin: 'https://evil.example', cookie: '', token: '' }), null);
  }
});

test('another origin is refused, whatever the token', async () => {
  const settings = await settingsOf({});
  for (const origin of [
    'https://auth.example.org',
    'http://auth.example.org:81',
    'http://evil.org',
    'null',
    'http://auth.example.org.evil.org',
  ]) {
    assert.match(csrfFault(settings, { ...good, origin }) ?? '', /origin/, origin);
  }
});

test('trusted origins pass, with * for any subdomain', async () => {
  const settings = await settingsOf({ CSRF_TRUSTED_ORIGINS: ['https://*.example.net'], CORS_ALLOWED_ORIGINS: ['https://spa.example.com'] });
  for (const origin of ['https://a.example.net', 'https://a.b.example.net', 'https://spa.example.com']) {
    assert.equal(csrfFault(settings, { ...good, origin }), null, origin);
  }
  for (const origin of ['https://example.net', 'https://evil.org/.example.net', 'http://a.example.net', 'https://a.example.net.evil.org']) {
    assert.notEqual(csrfFault(settings, { ...good, origin }), null, origin);
  }
});

test('over https without an Origin the Referer must be from here', async () => {
  const settings = await settingsOf({});
  const secure = { ...good, secure: true, origin: '' };
  assert.match(csrfFault(settings, secure) ?? '', /referer/);
  assert.match(csrfFault(settings, { ...secure, referer: 'https://evil.org/auth.example.org' }) ?? '', /referer/);
  assert.match(csrfFault(settings, { ...secure, referer: 'no URL' }) ?? '', /referer/);
  assert.equal(csrfFault(settings, { ...secure, referer: 'https://auth.example.org/page?x=1' }), null);
  assert.equal(csrfFault(settings, { ...good, origin: '' }), null, 'plain http sends none');
});

test('a missing, foreign or malformed token is refused', async () => {
  const settings = await settingsOf({});
  for (const change of [
    { cookie: '' },
    { token: '' },
    { token: newCsrfToken() },
    { cookie: 'short', token: 'short' },
    { token: `${token} ` },
  ]) {
    assert.match(csrfFault(settings, { ...good, ...change }) ?? '', /cookie|token/, JSON.stringify(change));
  }
});

test('tokens are new each time and of one form', () => {
  assert.notEqual(newCsrfToken(), newCsrfToken());
  assert.ok(isCsrfToken(token));
  assert.ok(!isCsrfToken(`${token}=`));
});
