import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { createUser, type Config } from 'allauth-kit';
import { launchChromium, withoutChromium } from '../support/chromium.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { keyFor } from '../tokens/support/jwt.ts';
import { PATIENCE } from '../support/until.ts';

const PAGE = new URL('../../dist/admin-ui/index.html', import.meta.url);

/** Why these tests cannot run here; false: they can. Where CI is set they have to. */
export const withoutBrowser = process.env['CI'] ? false : missing();

function missing(): string | false {
  return withoutChromium || (existsSync(PAGE) ? false : 'the dashboard is not built: npm run build');
}

export interface Dashboard extends TestServer {
  /** Opens a page of the dashboard as somebody else each time: with cookies of its own. */
  open(
    path?: string,
    options?: { colorScheme?: 'light' | 'dark'; locale?: string; viewport?: { width: number; height: number } },
  ): Promise<Page>;
  /** Makes a staff user. */
  staff(): Promise<{ email: string; id: string }>;
  /** What pages said in their console that is a fault. */
  faults: string[];
}

/** A whole server with the built dashboard, and a real browser. */
export async function dashboard(t: TestContext, settings: Config = {}): Promise<Dashboard> {
  const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), ...settings });
  const root = `/${(settings.ADMIN_PATH ?? '/admin').slice(1)}`;
  const browser = await launchChromium(t);
  const faults: string[] = [];
  return Object.assign(server, {
    faults,
    async open(path = '', options = {}) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(String(error)));
      // A refusal by the content security policy is told in the console alone.
      page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()));
      await page.goto(`${server.url}${root}/${path}`);
      return page;
    },
    async staff() {
      const email = newEmail();
      const { id } = await createUser(server.kit, { email, password: PASSWORD, isStaff: true, verified: true });
      return { email, id };
    },
  } satisfies Partial<Dashboard>);
}

/** Fills in the sign-in. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The row of somebody's session. */
export function rowOf(page: Page, email: string) {
  return page.getByRole('table', { name: 'Sessions' }).getByRole('row').filter({ hasText: email });
}
