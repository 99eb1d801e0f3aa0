import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { withoutChromium } from '../support/chromium.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import type { Config } from 'allauth-kit';
import { secret } from '../support/secrets.ts';
import { browserScene, start, type Scene } from './support/browser.ts';

const options = { skip: withoutChromium };
const GRACE = { HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10 };

secret(PASSWORD);

interface Tabs extends Scene {
  email: string;
  one: Page;
  two: Page;
  /** The guarded API. */
  api: string;
}

/** Two tabs of one browser whose localStorage holds the tokens of a user that has just signed up. */
async function twoTabs(scene: Scene): Promise<Tabs> {
  const one = await scene.open({ shared: true });
  const email = newEmail();
  await one.evaluate((credentials) => tab.auth.signup(credentials), { email, password: PASSWORD });
  const two = await scene.open({ shared: true });
  assert.equal((await two.evaluate(() => tab.auth.load())).status, 'authenticated');
  return { ...scene, email, one, two, api: `${scene.url}/api/x` };
}

/** How each tab's user is, and what the tabs heard. */
function statuses(tabs: Page[]) {
  return Promise.all(tabs.map((page) => page.evaluate(() => ({ status: tab.auth.state.status, heard: tab.heard.join() }))));
}

const SIGNED_IN = { status: 'authenticated', heard: 'signedIn' };

test('a page with 20 requests refreshes once', options, async (t) => {
  const scene = await twoTabs(await browserScene(t));
  scene.server.clock.advance(301);
  const replies = await scene.one.evaluate((api) => tab.burst(api, 20), scene.api);
  assert.deepEqual([...new Set(replies)], [200]);
  assert.equal(scene.proxy.refreshes(), 1);
});

for (const [name, script] of [
  ['with Web Locks', ''],
  ['without Web Locks', "Object.defineProperty(navigator, 'locks', { value: undefined })"],
] as const) {
  test(`two tabs with 20 requests each refresh once, again and again, ${name}`, options, async (t) => {
    const scene = await browserScene(t);
    await scene.browser.addInitScript(script);
    const { one, two, api, server, proxy } = await twoTabs(scene);
    assert.equal(await one.evaluate('Boolean(navigator.locks)'), script === '');
    for (let round = 1; round <= 5; round++) {
      server.clock.advance(301);
      const replies = await Promise.all([one, two].map((page) => page.evaluate((url) => tab.burst(url, 20), api)));
      assert.deepEqual([...new Set(replies.flat())], [200]);
      assert.equal(proxy.refreshes(), round);
    }
    assert.deepEqual(await statuses([one, two]), [SIGNED_IN, SIGNED_IN]);
  });
}

test('a tab that is closed in the middle of a refresh leaves the others signed in', options, async (t) => {
  const { one, two, api, server, proxy } = await twoTabs(await browserScene(t, GRACE));
  server.clock.advance(301);
  const rotated = new Promise<void>((resolve) => {
    proxy.hold = async (path, method) => {
      if (method !== 'POST' || !path.endsWith('/tokens/refresh')) return;
      proxy.hold = async () => undefined;
      resolve();
      await new Promise(() => undefined);
    };
  });
  // It is closed before it hears of its new tokens.
  void one.evaluate((url) => tab.burst(url, 1), api).catch(() => undefined);
  await rotated;
  const waiting = two.evaluate((url) => tab.burst(url, 5), api);
  await one.close();
  assert.deepEqual(await waiting, [200, 200, 200, 200, 200]);
  assert.equal(proxy.refreshes(), 2);
  assert.deepEqual(await statuses([two]), [SIGNED_IN]);
});

test('a sign-out and a sign-in in one tab are felt in the other', options, async (t) => {
  const { one, two, email, api } = await twoTabs(await browserScene(t));
  await one.evaluate(() => tab.auth.logout());
  await two.evaluate(() => tab.until('anonymous'));
  assert.equal(await two.evaluate(() => tab.heard.join()), 'signedIn,signedOut');
  await two.evaluate((credentials) => tab.auth.login(credentials), { email, password: PASSWORD });
  await one.evaluate(() => tab.until('authenticated'));
  assert.deepEqual(await one.evaluate((url) => tab.burst(url, 3), api), [200, 200, 200]);
});

test('a session that the server ended: one refresh for both tabs, `expired` once in each, and no request more', options, async (t) => {
  const config: Config = { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true };
  const { one, two, email, api, server, proxy } = await twoTabs(await browserScene(t, config));
  const other = server.app();
  await other.login(email);
  const { data } = await other.get('auth/sessions');
  const ids = (data as { id: number; is_current: boolean }[]).filter((each) => !each.is_current).map(({ id }) => id);
  await other.delete('auth/sessions', { sessions: ids });
  const replies = await Promise.all([one, two].map((page) => page.evaluate((url) => tab.burst(url, 20), api)));
  assert.deepEqual([...new Set(replies.flat())], [401]);
  await Promise.all([one, two].map((page) => page.evaluate(() => tab.until('anonymous'))));
  const over = { status: 'anonymous', heard: 'signedIn,expired' };
  assert.deepEqual(await statuses([one, two]), [over, over]);
  assert.equal(proxy.refreshes(), 1);
  const before = proxy.seen.length;
  assert.deepEqual(await one.evaluate((url) => tab.burst(url, 1), api), [401]);
  assert.equal(proxy.seen.slice(before).filter((each) => !each.startsWith('OPTIONS')).length, 1);
});

test('offline, 5xx and a broken line keep the user signed in, over a reload too', options, async (t) => {
  const { one, api, browser, server, proxy, url } = await twoTabs(await browserScene(t, GRACE));
  server.clock.advance(301);
  const fetching = () => one.evaluate((api) => tab.failure(() => tab.auth.fetch(api)), api);
  proxy.fault = (method, path) => (method === 'POST' && path.endsWith('/tokens/refresh') ? 503 : null);
  assert.equal(await fetching(), 'Unavailable');
  proxy.fault = () => 'refused';
  await one.reload();
  await start(one, { baseUrl: url });
  assert.equal(await one.evaluate(() => tab.failure(() => tab.auth.load())), 'Unavailable');
  proxy.fault = () => null;
  await browser.setOffline(true);
  assert.equal(await one.evaluate(() => tab.failure(() => tab.auth.load())), 'Unavailable');
  assert.deepEqual(await statuses([one]), [SIGNED_IN]);
  await browser.setOffline(false);
  assert.deepEqual(await one.evaluate((url) => tab.burst(url, 3), api), [200, 200, 200]);
  assert.deepEqual(await statuses([one]), [SIGNED_IN]);
});

test('what is kept in memory is gone with the page', options, async (t) => {
  const scene = await browserScene(t);
  const page = await scene.open();
  await page.evaluate((credentials) => tab.auth.signup(credentials), { email: newEmail(), password: PASSWORD });
  assert.deepEqual(await page.evaluate('Object.keys(localStorage)'), []);
  assert.equal(await page.evaluate(() => tab.auth.state.status), 'authenticated');
  await page.reload();
  await start(page, { baseUrl: scene.url }, false);
  assert.equal((await page.evaluate(() => tab.auth.load())).status, 'anonymous');
});
