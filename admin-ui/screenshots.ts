// Pictures of the dashboard: `npm run screenshots` makes those that the docs show, `npm run screenshots -- FOLDER` all of them, for looking at.
// The data is that of test/bench/lay.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { serve } from 'allauth-kit';
import { ACTIVE_SESSIONS } from '../src/background/tallying.ts';
import { openDatabase } from '../src/store/engine/open.ts';
import { countActiveSessions } from '../src/store/lists/stats.ts';
import { keepSample } from '../src/store/tallies.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(ROOT, 'docs/images');
const SESSIONS = '6000';

/** What the docs show. */
const SHOWN = /^(?:(?:overview|sessions|session)-(?:light|dark)|sessions-phone|revoke-light)$/;

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 860 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 860 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;

const PAGES = ['', 'sessions', 'users', 'audit', 'settings', 'keys'];

const work = mkdtempSync(join(tmpdir(), 'allauth-pictures-'));
const settings = { DATABASE: `sqlite://${work}/allauth.sqlite3`, PORT: 0, LOG_LEVEL: 'error' } as const;
writeFileSync(join(work, 'settings.json'), JSON.stringify(settings));
execFileSync(join(ROOT, 'test/bench/lay'), [join(work, 'settings.json'), SESSIONS], { stdio: 'inherit' });
await layLevels();
const server = await serve(settings);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const look of LOOKS) await shoot(browser, look);
} finally {
  await browser.close();
  await server.close();
  rmSync(work, { recursive: true });
}

/** How many sessions were live in the last day, as the samples of a server that has run for long would tell. */
async function layLevels(): Promise<void> {
  const db = await openDatabase(settings.DATABASE, { folder: work });
  const now = Math.floor(Date.now() / 1000);
  const active = await countActiveSessions(db, now);
  for (let at = now - (now % 300) - 86_400; at < now; at += 300) {
    const daily = 1 - 0.18 * Math.cos(((at % 86_400) / 86_400) * 2 * Math.PI);
    await keepSample(db, ACTIVE_SESSIONS, at, Math.round(active * 0.9 * daily));
  }
  await db.close();
}

async function shoot(from: Browser, { name, colorScheme, viewport }: (typeof LOOKS)[number]): Promise<void> {
  const context = await from.newContext({ colorScheme, viewport, deviceScaleFactor: name === 'phone' ? 2 : 1 });
  const page = await context.newPage();
  await page.goto(`${server.url}/admin/`);
  await page.getByLabel('Password').waitFor();
  await keep(page, `sign-in-${name}`);
  await page.getByLabel('Email').fill('staff@example.org');
  await page.getByLabel('Password').fill('correct-Horse-7-battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  for (const each of PAGES) {
    await page.goto(`${server.url}/admin/${each}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await keep(page, `${each || 'overview'}-${name}`);
  }
  await page.goto(`${server.url}/admin/sessions?state=any`);
  await page.getByRole('table').waitFor();
  await keep(page, `sessions-any-${name}`);
  const rows = page.getByRole('row').filter({ hasText: 'Active' }).getByRole('checkbox', { disabled: false });
  for (const each of [1, 2, 3]) await rows.nth(each).check();
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  await page.getByText(/Access tokens/).waitFor();
  await keep(page, `revoke-${name}`);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${server.url}/admin/sessions/${await livelySession(page)}`);
  await page.getByRole('heading', { name: 'Refresh tokens' }).waitFor();
  await keep(page, `session-${name}`);
  await page.locator('dd a[href*="/users/"]').first().click();
  await page.getByRole('heading', { name: 'Activity' }).waitFor();
  await keep(page, `user-${name}`);
  await context.close();
}

/** One whose refresh tokens have been replaced a few times. */
async function livelySession(page: Page): Promise<string> {
  const get = async <Data>(path: string): Promise<Data> => {
    const { data } = (await (await page.request.get(`${server.url}/admin/api/v1/${path}`)).json()) as { data: Data };
    return data;
  };
  let best = { id: '', tokens: 0 };
  for (const { id } of await get<{ id: string }[]>('sessions?sort=-last_seen_at&limit=30')) {
    const tokens = (await get<{ refresh_tokens: unknown[] }>(`sessions/${id}`)).refresh_tokens.length;
    if (tokens > best.tokens && tokens < 8) best = { id, tokens };
  }
  return best.id;
}

async function keep(page: Page, name: string): Promise<void> {
  if (process.argv[2] === undefined && !SHOWN.test(name)) return;
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
