import type { Page } from 'playwright-core';
import { openChromium, withoutChromium } from '../support/chromium.ts';
import { freeLoad, pinLoad } from './child.ts';
import { layDatabase, STAFF } from './laid.ts';
import type { Measured, MeasureOptions } from './measure.ts';
import { median } from './rounds.ts';
import { newFolder, startProduct } from './servers.ts';

const SESSIONS = 1000;

/** Rows of a page. */
const ROWS = 50;

/** Interactions on the sessions page; each leaves the page as it was. */
const INTERACTIONS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'select a row': async (page) => twice(() => box(page, 3).click()),
  'select all rows': async (page) => twice(() => box(page, 0).click()),
  'type a search': async (page) => {
    const field = page.getByLabel('Search sessions');
    await field.pressSequentially('anna', { delay: 30 });
    await field.fill('');
    await settled(page);
  },
  'sort by another column': async (page) => {
    for (const name of ['Last seen', 'Started']) {
      await page.getByRole('columnheader', { name }).getByRole('button').click();
      await settled(page);
    }
  },
  'ask for a revocation': async (page) => {
    await page
      .getByRole('row')
      .nth(3)
      .getByRole('button', { name: /Revoke/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  },
  'turn the page': async (page) => {
    for (const name of ['Next', 'Previous']) {
      await page.getByRole('button', { name }).click();
      await settled(page);
    }
  },
};

/** How long the dashboard takes from an input to what it shows for it, with 50 rows; as the browser itself tells (Event Timing). */
export async function dashboard({ scripts, rounds }: MeasureOptions): Promise<Measured> {
  if (withoutChromium !== false) {
    console.log(`The dashboard is not measured: ${withoutChromium}`);
    return { goals: [], rows: [] };
  }
  const { database, drop } = await layDatabase('sqlite', SESSIONS);
  const server = await startProduct(scripts, newFolder('dashboard'), { DATABASE: database });
  freeLoad(); // a browser is several processes, and makes no load
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    await page.addInitScript(OBSERVE);
    await page.goto(`${server.url}/admin/sessions`);
    await page.getByLabel('Email').fill(STAFF.email);
    await page.getByLabel('Password').fill(STAFF.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await settled(page);
    const times = await timesOf(page, rounds);
    const worst = Math.max(...Object.values(times).flat());
    return {
      goals: [{ what: `an interaction with ${ROWS} rows, ms, the longest`, value: worst, bound: 'most', goal: 100 }],
      rows: Object.entries(times).map(([interaction, all]) => ({
        interaction,
        'ms (median)': median(all),
        'ms (longest)': Math.max(...all),
      })),
    };
  } finally {
    await browser.close();
    await server.stop();
    await drop();
    pinLoad();
  }
}

/** Milliseconds of the longest event of each round; the first one warms up. */
async function timesOf(page: Page, rounds: number): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, interact] of Object.entries(INTERACTIONS)) {
      await page.evaluate('durations.length = 0');
      await interact(page);
      // The browser tells of an event after the frame that shows it.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))');
      const longest: number = await page.evaluate('Math.max(0, ...durations)');
      if (round > 0) (times[name] ??= []).push(longest);
    }
  }
  return times;
}

/** Runs in the page. Shorter events than 16 ms are told by no browser. */
const OBSERVE = `globalThis.durations = [];
  new PerformanceObserver((list) => durations.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'event', durationThreshold: 16, buffered: true });`;

async function twice(act: () => Promise<void>): Promise<void> {
  await act();
  await act();
}

function box(page: Page, row: number) {
  return page.getByRole('table', { name: 'Sessions' }).getByRole('checkbox').nth(row);
}

/** When the table has all its rows and waits for nothing. */
async function settled(page: Page): Promise<void> {
  await page.locator(`table[aria-busy=false] tbody tr:nth-child(${ROWS})`).waitFor();
}
