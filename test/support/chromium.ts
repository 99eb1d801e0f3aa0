import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { chromium, type Browser } from 'playwright-core';
import { PATIENCE } from './until.ts';
import { defer } from './cleanup.ts';

/** The browser's program. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why there is no browser here; `false` if there is one. With CI, there must be one. */
export const withoutChromium = process.env['CI'] || existsSync(CHROMIUM) ? false : `no browser at ${CHROMIUM}`;

/** Starts a real headless browser; the caller closes it. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'], timeout: PATIENCE });
}

/** A real browser that closes when the test ends. */
export async function launchChromium(t: TestContext): Promise<Browser> {
  const browser = await openChromium();
  defer(t, () => browser.close());
  return browser;
}
