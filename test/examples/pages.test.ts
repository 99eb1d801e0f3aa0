import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium, withoutChromium } from '../support/chromium.ts';
import { AppClient, newEmail, PASSWORD } from '../support/clients.ts';
import { NODE_FLAGS } from '../support/program.ts';
import { secret } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { installed, start, withoutBuild } from './support.ts';
import { PATIENCE, until } from '../support/until.ts';

const options = { skip: withoutChromium };
/** The example is in TypeScript and JSX. */
const TYPESCRIPT = NODE_FLAGS.length > 0 ? NODE_FLAGS : ['--import', import.meta.resolve('tsx')];
const PHONE = { width: 360, height: 640 };

secret(PASSWORD);

/** The code of the last mail to this address, as the page of the mails shows it to people. */
async function codeFor(page: Page, server: string, email: string): Promise<string> {
  const mails = await page.context().newPage();
  await mails.goto(`${server}/_allauth/dev/mails`);
  await mails.getByRole('row').filter({ hasText: email }).first().getByRole('link').click();
  const [code = ''] = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/.exec((await mails.locator('pre').textContent()) ?? '') ?? [];
  await mails.close();
  secret(code);
  return code;
}

/** As this user does on another device. */
async function endOtherSessions(url: string, email: string): Promise<void> {
  const app = new AppClient({ url });
  await app.login(email);
  const { data } = await app.get('auth/sessions');
  const ids = (data as { id: number; is_current: boolean }[]).filter((each) => !each.is_current).map(({ id }) => id);
  assert.equal((await app.delete('auth/sessions', { sessions: ids })).status, 200);
}

async function examine(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)),
    [],
  );
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, 'it scrolls sideways');
}

async function fill(page: Page, fields: Record<string, string>, action: string): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await page.getByRole('button', { name: action, exact: true }).click();
}

async function openPage(t: TestContext, url: string, more: BrowserContextOptions = {}): Promise<Page> {
  const browser = await launchChromium(t);
  const context = await browser.newContext({ viewport: PHONE, colorScheme: 'dark', ...more });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

test(
  'react-spa: signup with errors by field, code from the mail, API, second tab, session that ends, sign in by code',
  { skip: withoutChromium || withoutBuild },
  async (t) => {
    const folder = installed(t, 'react-spa', ['koa', 'sirv', 'react', 'react-dom', 'vite']);
    execFileSync(process.execPath, [join(folder, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], { cwd: folder });
    const url = await start(
      t,
      [process.execPath, ...NODE_FLAGS, 'server.js'],
      { SECRET_KEY: randomBytes(32).toString('hex'), LOG_LEVEL: 'error' },
      folder,
    );
    const page = await openPage(t, url);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('button', { name: 'Create an account' }).click();
    const email = newEmail();
    await fill(page, { Email: 'nonsense', Password: 'x' }, 'Create an account');
    await page.getByText('Enter a valid email address').waitFor();
    await examine(page);
    await fill(page, { Email: email, Password: PASSWORD }, 'Create an account');
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
    await fill(page, { Code: 'AAAA-AAAA' }, 'Continue');
    await page.getByText('Incorrect code').waitFor();
    await examine(page);
    // The step that waits is found again.
    await page.reload();
    await fill(page, { Code: await codeFor(page, url, email) }, 'Continue');
    await page.getByRole('heading', { name: 'Hello' }).waitFor();
    await page.getByRole('button', { name: 'Call the API' }).click();
    await page.getByText(`The API knows you as ${email}.`).waitFor();
    await examine(page);

    const second = await page.context().newPage();
    await second.goto(url);
    await second.getByRole('heading', { name: 'Hello' }).waitFor();
    await second.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await fill(page, { Email: email, Password: 'wrong' }, 'Sign in');
    await page.getByText('not correct').waitFor();
    await page.getByRole('button', { name: 'Sign in with a code' }).click();
    await fill(page, { Email: email }, 'Send the code');
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
    await fill(page, { Code: await codeFor(page, url, email) }, 'Continue');
    await page.getByRole('heading', { name: 'Hello' }).waitFor();

    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Call the API' }).click();
    await page.getByText('You are still signed in').waitFor();
    await page.context().setOffline(false);

    // By the keyboard alone, from where the focus is: to the API's button, and after the session has been ended elsewhere to a new sign-in.
    await endOtherSessions(url, email);
    await page.getByRole('heading', { name: 'Hello' }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Your session has ended').waitFor();
    for (const text of [email, PASSWORD]) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Hello' }).waitFor();
  },
);

test('hono-ssr: pages for who is signed in alone, without a script, with tokens in an HttpOnly cookie', options, async (t) => {
  const token = randomBytes(32).toString('hex');
  secret(token);
  const server = await testServer(t, {
    ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
    ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true,
    HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10,
    HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 8,
    SERVICE_TOKENS: [token],
  });
  const folder = installed(t, 'hono-ssr', ['hono', '@hono/node-server']);
  const url = await start(t, [process.execPath, ...TYPESCRIPT, 'src/server.tsx'], { AUTH_URL: server.url, SERVICE_TOKEN: token }, folder);
  const page = await openPage(t, url, { userAgent: "somebody's browser" });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('link', { name: 'Create an account' }).click();
  const email = newEmail();
  await fill(page, { Email: 'nonsense', Password: 'x' }, 'Create an account');
  await page.getByText('Enter a valid email address').waitFor();
  assert.equal(await page.getByLabel('Email').inputValue(), 'nonsense');
  assert.equal(await page.locator('script').count(), 0);
  await examine(page);
  await fill(page, { Email: email, Password: PASSWORD }, 'Create an account');
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  // The step that waits is found again.
  await page.goto(url);
  await fill(page, { Code: 'AAAA-AAAA' }, 'Continue');
  await page.getByText('Incorrect code').waitFor();
  await examine(page);
  await fill(page, { Code: (await server.mail.wait(email)).code }, 'Continue');
  await page.getByRole('heading', { name: 'Hello' }).waitFor();
  assert.doesNotMatch(await page.content(), /eyJ/);
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Lax']);
  secret(cookie?.value);

  // Pages that are asked for at once refresh when the time has come, each for itself, and nobody is signed out.
  const tabs = [page, await page.context().newPage(), await page.context().newPage()];
  const refreshes = (): number => server.log.filter((line) => line.includes('"path":"/_allauth/app/v1/tokens/refresh"')).length;
  while (refreshes() < 2) {
    await Promise.all(tabs.map((tab) => tab.goto(url)));
    for (const tab of tabs) assert.match(await tab.title(), /^Hello/);
  }

  // Another site cannot sign anybody out.
  const forged = await fetch(`${url}/sign-out`, {
    method: 'POST',
    headers: { Origin: 'https://evil.example', 'Content-Type': 'application/x-www-form-urlencoded', Cookie: `session=${cookie?.value}` },
  });
  assert.equal(forged.status, 403);

  const app = server.app();
  await app.login(email);
  const { data } = await app.get('auth/sessions');
  const sessions = data as { id: number; is_current: boolean; user_agent: string }[];
  const theirs = sessions.filter((each) => !each.is_current);
  assert.deepEqual(
    theirs.map(({ user_agent }) => user_agent),
    ["somebody's browser"],
  );
  await app.delete('auth/sessions', { sessions: theirs.map(({ id }) => id) });
  await until(async () => {
    await page.goto(url);
    return !(await page.title()).startsWith('Hello');
  });
  assert.equal(await page.title(), 'Sign in');
  await fill(page, { Email: email, Password: PASSWORD }, 'Sign in');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});
