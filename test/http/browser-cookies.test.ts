import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

const HTTPS = { 'X-Forwarded-Proto': 'https', Origin: '' };
const BEHIND_TLS: Config = { SECURE_PROXY_SSL_HEADER: ['X-Forwarded-Proto', 'https'] };

/** Attributes of a Set-Cookie line by name in lower case; flags are ''. */
function attributesOf(line: string | undefined): Record<string, string> {
  assert.ok(line !== undefined, 'no such cookie');
  const [, ...attributes] = line.split(/;\s*/);
  return Object.fromEntries(attributes.map((each) => [each.split('=')[0]?.toLowerCase() ?? '', each.split('=')[1] ?? '']));
}

/** Seconds that a cookie lives, by Max-Age or Expires; null: as long as the browser runs. */
function lifeOf(line: string | undefined): number | null {
  const { 'max-age': age, expires } = attributesOf(line);
  if (age !== undefined) return Number(age);
  return expires === undefined ? null : Math.round((Date.parse(expires) - Date.now()) / 1000);
}

test('by default the session cookie is hidden from scripts and lives two weeks, the CSRF cookie is open and lives a year', async (t) => {
  const browser = (await testServer(t)).browser();
  const look = await browser.session();
  assert.equal(look.setCookies.has('sessionid'), false, 'no session for a mere look');
  const csrf = look.setCookies.get('csrftoken');
  const { httponly, samesite, path, secure, domain } = attributesOf(csrf);
  assert.deepEqual([httponly, samesite?.toLowerCase(), path, secure, domain], [undefined, 'lax', '/', undefined, undefined]);
  assert.ok((lifeOf(csrf) ?? 0) > 300 * 86_400);
  assert.equal((await browser.session()).setCookies.size, 0, 'once');

  const session = (await browser.signup(newEmail())).setCookies.get('sessionid');
  const attributes = attributesOf(session);
  assert.deepEqual([attributes['httponly'], attributes['samesite']?.toLowerCase(), attributes['path']], ['', 'lax', '/']);
  assert.equal(attributes['secure'], undefined, 'plain http here');
  assert.ok(Math.abs((lifeOf(session) ?? 0) - 1_209_600) < 60);
  assert.equal((await browser.session()).setCookies.size, 0);
});

test('both cookies follow the settings', async (t) => {
  const server = await testServer(t, {
    SESSION_COOKIE_NAME: '__Secure-sid',
    SESSION_COOKIE_AGE: 1000,
    SESSION_COOKIE_DOMAIN: 'example.org',
    SESSION_COOKIE_PATH: '/_allauth',
    SESSION_COOKIE_SECURE: true,
    SESSION_COOKIE_HTTPONLY: false,
    SESSION_COOKIE_SAMESITE: 'None',
    CSRF_COOKIE_NAME: 'xsrf.token',
    CSRF_HEADER_NAME: 'X-XSRF',
  });
  const browser = server.browser();
  const csrf = attributesOf((await browser.session()).setCookies.get('xsrf.token'));
  assert.deepEqual(
    [csrf['secure'], csrf['samesite']?.toLowerCase(), csrf['domain'], csrf['httponly']],
    ['', 'none', 'example.org', undefined],
  );
  const token = browser.cookies.get('xsrf.token') ?? '';
  const body = { email: newEmail(), password: PASSWORD };
  assert.equal((await browser.post('auth/signup', body, { csrf: token })).status, 403, 'the header has another name');
  const reply = await browser.post('auth/signup', body, { csrf: false, headers: { 'X-XSRF': token } });
  assert.equal(reply.status, 200);
  const line = reply.setCookies.get('__Secure-sid');
  const session = attributesOf(line);
  assert.deepEqual(
    [session['secure'], session['samesite']?.toLowerCase(), session['domain'], session['path'], session['httponly'], lifeOf(line)],
    ['', 'none', 'example.org', '/_allauth', undefined, 1000],
  );
  assert.equal((await browser.session()).status, 200);
  const out = await browser.logout({ csrf: false, headers: { 'X-XSRF': browser.cookies.get('xsrf.token') ?? '' } });
  const dropped = attributesOf(out.setCookies.get('__Secure-sid'));
  assert.deepEqual([dropped['domain'], dropped['path']], ['example.org', '/_allauth'], 'or the browser would keep it');
  assert.equal(browser.cookies.has('__Secure-sid'), false);
});

test('without SESSION_COOKIE_SECURE the protocol decides, as a trusted proxy tells it', async (t) => {
  const server = await testServer(t, BEHIND_TLS);
  const origin = server.url.replace('http:', 'https:');
  const browser = server.browser();
  browser.headers = { ...HTTPS, Origin: origin };
  const { setCookies } = await browser.signup(newEmail());
  for (const name of ['sessionid', 'csrftoken']) assert.equal(attributesOf(setCookies.get(name))['secure'], '', name);
  const plain = await server.browser().signup(newEmail());
  assert.equal(attributesOf(plain.setCookies.get('sessionid'))['secure'], undefined);
  const unheard = (await testServer(t)).browser();
  const reply = await unheard.post('auth/signup', { email: newEmail(), password: PASSWORD }, { headers: { 'X-Forwarded-Proto': 'https' } });
  assert.equal(attributesOf(reply.setCookies.get('sessionid'))['secure'], undefined, 'without the setting the header is nothing');
});

test('SESSION_COOKIE_SECURE: false keeps the cookie insecure over https, SAMESITE: false leaves the attribute out', async (t) => {
  const server = await testServer(t, { ...BEHIND_TLS, SESSION_COOKIE_SECURE: false, SESSION_COOKIE_SAMESITE: false });
  const browser = server.browser();
  browser.headers = { 'X-Forwarded-Proto': 'https', Origin: server.url.replace('http:', 'https:') };
  const { secure, samesite } = attributesOf((await browser.signup(newEmail())).setCookies.get('sessionid'));
  assert.deepEqual([secure, samesite], [undefined, undefined]);
});

test('ACCOUNT_SESSION_REMEMBER: false makes the cookie go with the browser', async (t) => {
  for (const [remember, lasting] of [
    [false, false],
    [true, true],
    [null, true],
  ] as const) {
    const { setCookies } = await (await testServer(t, { ACCOUNT_SESSION_REMEMBER: remember })).browser().signup(newEmail());
    assert.equal(lifeOf(setCookies.get('sessionid')) !== null, lasting, String(remember));
  }
});

test('a login changes both cookies, and takes over no session id from outside', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const victim = server.app();
  await victim.signup(email);
  const attacker = server.browser();
  await attacker.signup(newEmail());
  for (const planted of ['abcdefghijklmnopqrstuvwxyz012345', victim.sessionToken, 'a.b', '%00', 'x'.repeat(4000)]) {
    const browser = server.browser();
    await browser.get('config');
    const csrf = browser.cookies.get('csrftoken');
    browser.cookies.set('sessionid', planted);
    assert.equal((await browser.login(email)).status, 200, planted.slice(0, 40));
    assert.notEqual(browser.cookies.get('sessionid'), planted);
    assert.notEqual(browser.cookies.get('csrftoken'), csrf);
    assert.equal((await browser.session()).status, 200, 'with the new ones');
  }
});

test("a login under a planted session of somebody else's stays with 409", async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  const [attacker, victim] = [server.browser(), server.browser()];
  await attacker.signup(newEmail());
  await victim.get('config');
  victim.cookies.set('sessionid', attacker.cookies.get('sessionid') ?? '');
  assert.equal((await victim.login(email)).status, 409);
});

test('no response to a browser holds a token', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const browser = server.browser();
  const replies = [
    await browser.signup(email),
    await browser.session(),
    await browser.get('auth/sessions'),
    await browser.post('auth/reauthenticate', { password: PASSWORD }),
    await browser.post('account/password/change', { current_password: PASSWORD, new_password: 'fresh-Pass-8-word' }),
    await browser.logout(),
    await browser.login(email, 'fresh-Pass-8-word'),
    await browser.login(email, 'fresh-Pass-8-word'),
  ];
  for (const { text } of replies) {
    assert.doesNotMatch(text, /_token"|eyJ/);
    assert.ok(!text.includes(browser.cookies.get('sessionid') ?? '?'));
  }
  assert.equal((await browser.post('tokens/refresh', { refresh_token: 'x' })).status, 404, 'refreshing is for apps');
});
