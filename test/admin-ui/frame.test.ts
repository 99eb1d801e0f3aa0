import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { newPerson } from '../admin/support.ts';
import { dashboard, rowOf, signIn, withoutBrowser } from './browser.ts';

const options = { skip: withoutBrowser };

test('the panel of views is inside of the page at any width, and closes when one is chosen', options, async (t) => {
  const server = await dashboard(t);
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  await rowOf(page, admin.email).waitFor();
  const views = page.getByText('Views', { exact: true });
  const name = 'Everything that has ever been, and whatever else may be';
  await views.click();
  await page.getByLabel('Name of the view').fill(name);
  await page.getByRole('button', { name: 'Save' }).click();
  const view = page.getByRole('button', { name, exact: true });
  for (const width of [375, 900, 1000, 1360]) {
    await page.setViewportSize({ width, height: 800 });
    const box = await page.locator('.panel').filter({ has: view }).boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= width, `${width}: ${JSON.stringify(box)}`);
  }
  await view.click();
  await view.waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'Views');
});

test('the focus stays near to what was done when its button has gone', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  await rowOf(page, person.email).getByRole('button', { name: 'Revoke' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke session' }).press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await focused(page), person.email);
  // Here the button goes when the page has been read anew.
  const other = await newPerson(server);
  await page.goto(`${server.url}/admin/sessions/${other.sid}`);
  await page.getByRole('button', { name: 'Revoke', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke session' }).press('Enter');
  await page.getByRole('button', { name: 'Revoke', exact: true }).waitFor({ state: 'detached' });
  assert.equal(await focused(page), other.email);
});

test('the next page of a list starts at its top, and the keyboard is still at the button', options, async (t) => {
  const server = await dashboard(t, { ACCOUNT_RATE_LIMITS: false });
  const person = await newPerson(server);
  for (let count = 1; count < 60; count += 1) await server.app().login(person.email);
  const admin = await server.staff();
  const page = await server.open('sessions', { viewport: { width: 1000, height: 600 } });
  await signIn(page, admin.email);
  await page.getByRole('button', { name: 'Next' }).press('Enter');
  await page.waitForFunction('scrollY < 400 && document.querySelectorAll("tbody tr").length < 50');
  assert.equal(await focused(page), 'Previous', 'there is no more');
});

function focused(page: Page): Promise<string> {
  return page.locator(':focus').innerText();
}
