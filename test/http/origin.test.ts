import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, isAllowedHost, isSecure, type Connection } from '../../src/http/origin.ts';
import { settingsOf } from '../support/settings.ts';

function connection(headers: Record<string, string>, remoteAddress = '10.0.0.1', encrypted = false): Connection {
  return { remoteAddress, encrypted, header: (name) => headers[name.toLowerCase()] ?? '' };
}

test('without trusted proxies X-Forwarded-For is not believed', async () => {
  const settings = await settingsOf({});
  assert.equal(clientAddress(settings, connection({ 'x-forwarded-for': '203.0.113.9' })), '10.0.0.1');
});

test('the entry that the outermost trusted proxy wrote is the client', async () => {
  const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 192.0.2.1' };
  assert.equal(clientAddress(await settingsOf({ ALLAUTH_TRUSTED_PROXY_COUNT: 1 }), connection(headers)), '192.0.2.1');
  assert.equal(clientAddress(await settingsOf({ ALLAUTH_TRUSTED_PROXY_COUNT: 2 }), connection(headers)), '203.0.113.9');
});

test('with fewer entries than proxies, or nonsense in them, the peer counts', async () => {
  const settings = await settingsOf({ ALLAUTH_TRUSTED_PROXY_COUNT: 2 });
  for (const value of ['', '203.0.113.9', 'x, y', "1' OR 1=1, 2"]) {
    assert.equal(clientAddress(settings, connection({ 'x-forwarded-for': value })), '10.0.0.1', value);
  }
});

test('a header of its own may name the client', async () => {
  const settings = await settingsOf({ ALLAUTH_TRUSTED_CLIENT_IP_HEADER: 'CF-Connecting-IP' });
  assert.equal(clientAddress(settings, connection({ 'cf-connecting-ip': '2001:db8::1' })), '2001:db8::1');
  assert.equal(clientAddress(settings, connection({})), '10.0.0.1');
});

test('IPv4 in IPv6 clothes is IPv4', async () => {
  assert.equal(clientAddress(await settingsOf({}), connection({}, '::ffff:192.0.2.7')), '192.0.2.7');
});

test('https is the connection itself, or what the proxy says', async () => {
  const plain = await settingsOf({});
  assert.equal(isSecure(plain, connection({ 'x-forwarded-proto': 'https' })), false);
  assert.equal(isSecure(plain, connection({}, '10.0.0.1', true)), true);
  for (const name of ['X-Forwarded-Proto', 'HTTP_X_FORWARDED_PROTO']) {
    const settings = await settingsOf({ SECURE_PROXY_SSL_HEADER: [name, 'https'] });
    assert.equal(isSecure(settings, connection({ 'x-forwarded-proto': 'https' })), true);
    assert.equal(isSecure(settings, connection({ 'x-forwarded-proto': 'https, http' })), true, 'the outermost proxy stands first');
    assert.equal(isSecure(settings, connection({ 'x-forwarded-proto': 'http' })), false);
    assert.equal(isSecure(settings, connection({ 'x-forwarded-proto': 'http' }, '10.0.0.1', true)), false, 'the header decides');
    assert.equal(isSecure(settings, connection({}, '10.0.0.1', true)), true, 'without it the connection does');
  }
});

test('a host is allowed by name, by subdomain pattern, or by *', async () => {
  const settings = await settingsOf({ ALLOWED_HOSTS: ['Auth.example.org', '.example.com', '[::1]'] });
  for (const host of ['auth.example.org', 'AUTH.example.org:8000', 'auth.example.org.', 'example.com', 'a.b.example.com:1', '[::1]:8000']) {
    assert.equal(isAllowedHost(settings, host), true, host);
  }
  for (const host of [
    '',
    'example.org',
    'evil-example.com',
    'auth.example.org.evil.net',
    'a@auth.example.org',
    'auth.example.org/x',
    '[::2]',
  ]) {
    assert.equal(isAllowedHost(settings, host), false, host);
  }
  assert.equal(isAllowedHost(await settingsOf({ ALLOWED_HOSTS: ['*'] }), 'anything.net'), true);
});
