import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutChromium } from '../support/chromium.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { secret } from '../support/secrets.ts';
import { browserScene, start } from './support/browser.ts';

const options = { skip: withoutChromium };
const BROWSER = { client: 'browser' } as const;

secret(PASSWORD);

test(
  'from a page of another origin: the cookie goes along, the CSRF token comes in a header, no script gets a token',
  options,
  async (t) => {
    const scene = await browserScene(t);
    const page = await scene.open(BROWSER);
    const email = newEmail();
    const wrong = await page.evaluate((input) => tab.auth.signup(input), { email: 'x', password: PASSWORD });
    assert.equal(wrong.status === 400 && wrong.errors?.[0]?.param, 'email');
    const reply = await page.evaluate((input) => tab.auth.signup(input), { email, password: PASSWORD });
    assert.equal(reply.status, 200);
    assert.doesNotMatch(JSON.stringify(reply), /_token/);
    assert.equal(await page.evaluate('document.cookie'), '');
    assert.equal(await page.evaluate(() => tab.auth.accessToken()), null);
    const cookies = await scene.browser.cookies(scene.url);
    assert.equal(cookies.find(({ name }) => name === 'sessionid')?.httpOnly, true);
    await page.reload();
    await start(page, { baseUrl: scene.url, ...BROWSER }, false);
    const state = await page.evaluate(() => tab.auth.load());
    assert.equal(state.status === 'authenticated' && state.user.email, email);
    assert.equal((await page.evaluate(() => tab.auth.logout())).status, 401);
    assert.equal(await page.evaluate(() => tab.heard.join()), 'signedIn,signedOut');
    assert.equal((await page.evaluate(() => tab.auth.load())).status, 'anonymous');
  },
);

test('from a page of the same host: the CSRF token comes from the cookie', options, async (t) => {
  const pageHost = '127.0.0.1';
  const scene = await browserScene(t, {}, pageHost);
  const page = await scene.open({ ...BROWSER, baseUrl: scene.proxy.url });
  await page.evaluate(() => tab.auth.getConfig());
  const token: string = await page.evaluate("document.cookie.match(/csrftoken=([^;]*)/)?.[1] ?? ''");
  assert.match(token, /^[\w-]{32}$/);
  secret(token);
  await page.evaluate((input) => tab.auth.signup(input), { email: newEmail(), password: PASSWORD });
  assert.equal(await page.evaluate(() => tab.auth.state.status), 'authenticated');
  assert.equal(scene.proxy.headers.at(-1)?.['x-csrftoken'], token);
});

test('a page of an origin that is not in CORS_ALLOWED_ORIGINS gets nothing', options, async (t) => {
  const scene = await browserScene(t);
  const page = await scene.open({ ...BROWSER, host: 'evil.example.localhost' });
  const input = { email: newEmail(), password: PASSWORD };
  for (const client of ['browser', 'app'] as const) {
    await start(page, { baseUrl: scene.url, client }, false);
    assert.equal(await page.evaluate((input) => tab.failure(() => tab.auth.signup(input)), input), 'Unavailable');
  }
  assert.equal((await scene.server.app().login(input.email)).status, 400);
});

test('a login in another tab renews the CSRF token: the next change here goes through, and the states are one', options, async (t) => {
  const scene = await browserScene(t);
  const [one, two] = [await scene.open({ ...BROWSER, shared: true }), await scene.open({ ...BROWSER, shared: true })];
  const email = newEmail();
  await one.evaluate((input) => tab.auth.signup(input), { email, password: PASSWORD });
  await two.evaluate(() => tab.until('authenticated'));
  await two.evaluate(() => tab.auth.logout());
  await one.evaluate(() => tab.until('anonymous'));
  await two.evaluate((input) => tab.auth.login(input), { email, password: PASSWORD });
  await one.evaluate(() => tab.until('authenticated'));
  const before = scene.proxy.seen.length;
  const change = { current_password: PASSWORD, new_password: `${PASSWORD}-new` };
  assert.equal((await one.evaluate((input) => tab.auth.changePassword(input), change)).status, 200);
  const sent = scene.proxy.seen.slice(before).filter((each) => !each.startsWith('OPTIONS'));
  assert.deepEqual(
    sent.map((each) => each.replace('/_allauth/browser/v1', '')),
    ['POST /account/password/change', 'GET /config', 'POST /account/password/change'],
  );
  assert.equal(await one.evaluate(() => tab.heard.join()), 'signedIn,signedOut,signedIn');
});

test('429 brings its Retry-After through to a page of another origin, and is not tried again', options, async (t) => {
  const scene = await browserScene(t, { ACCOUNT_RATE_LIMITS: { signup: '1/m/ip' } });
  const page = await scene.open(BROWSER);
  await page.evaluate((input) => tab.auth.signup(input), { email: newEmail(), password: PASSWORD });
  await page.evaluate(() => tab.auth.logout());
  const before = scene.proxy.seen.length;
  const reply = await page.evaluate((input) => tab.auth.signup(input), { email: newEmail(), password: PASSWORD });
  assert.ok(reply.status === 429 && reply.retryAfter !== null && reply.retryAfter > 0 && reply.retryAfter <= 60, JSON.stringify(reply));
  assert.equal(scene.proxy.seen.slice(before).filter((each) => each.startsWith('POST')).length, 1);
});

test('a session that the server ended is found out by the first 401 of the own API: `expired`, once', options, async (t) => {
  const scene = await browserScene(t);
  const page = await scene.open(BROWSER);
  const email = newEmail();
  await page.evaluate((input) => tab.auth.signup(input), { email, password: PASSWORD });
  const api = `${scene.url}/api/x`;
  // This API takes bearer tokens alone. While the session lives, a 401 says nothing of it.
  assert.deepEqual(await page.evaluate((url) => tab.burst(url, 1), api), [401]);
  assert.equal(await page.evaluate(() => tab.auth.state.status), 'authenticated');
  const other = scene.server.app();
  await other.login(email);
  const { data } = await other.get('auth/sessions');
  const ids = (data as { id: number; is_current: boolean }[]).filter((each) => !each.is_current).map(({ id }) => id);
  await other.delete('auth/sessions', { sessions: ids });
  assert.deepEqual(await page.evaluate((url) => tab.burst(url, 2), api), [401, 401]);
  assert.deepEqual(await page.evaluate(() => [tab.auth.state.status, tab.heard.join()]), ['anonymous', 'signedIn,expired']);
});

test('redirectToProvider leaves the page by a form, with what the server asks for', options, async (t) => {
  const scene = await browserScene(t);
  const page = await scene.open(BROWSER);
  const sent = page.waitForRequest((request) => request.url().endsWith('/auth/provider/redirect') && request.isNavigationRequest());
  const input = { provider: 'acme', callback_url: 'https://app.example/back?a=1&b=2', process: 'login' } as const;
  await page.evaluate((input) => tab.auth.redirectToProvider(input), input);
  const request = await sent;
  assert.equal(request.method(), 'POST');
  assert.equal(request.headers()['content-type'], 'application/x-www-form-urlencoded');
  const { csrfmiddlewaretoken, ...fields } = Object.fromEntries(new URLSearchParams(request.postData() ?? ''));
  assert.deepEqual(fields, input);
  const cookies = await scene.browser.cookies(scene.url);
  assert.equal(csrfmiddlewaretoken, cookies.find(({ name }) => name === 'csrftoken')?.value);
});
