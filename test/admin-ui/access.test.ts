import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD } from '../support/clients.ts';
import { newPerson } from '../admin/support.ts';
import { dashboard, rowOf, signIn, withoutBrowser } from './browser.ts';

const options = { skip: withoutBrowser };

test('a user who is not staff is refused, and a wrong password is reported', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const page = await server.open();
  await signIn(page, person.email, 'not the password');
  await page.getByRole('alert').waitFor();
  await signIn(page, person.email);
  await page.getByRole('heading', { name: 'This account has no access' }).waitFor();
  assert.equal(await page.getByRole('navigation').count(), 0);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a stale authentication is renewed in place, and the revocation under way is done after it', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  await rowOf(page, person.email).getByRole('button', { name: 'Revoke' }).waitFor();
  server.clock.advance(901);
  await rowOf(page, person.email).getByRole('button', { name: 'Revoke' }).click();
  await page.getByLabel('Reason').fill('kept');
  await page.getByRole('button', { name: 'Revoke session', exact: true }).click();
  const proof = page.getByRole('dialog', { name: 'Confirm your identity' });
  await proof.getByLabel('Password').fill('wrong');
  await proof.getByRole('button', { name: 'Confirm' }).click();
  await proof.locator('.error').waitFor();
  assert.match(await rowOf(page, person.email).innerText(), /Active/);
  await proof.getByLabel('Password').fill(PASSWORD);
  await proof.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('status').getByText('1 session revoked').waitFor();
  assert.match(await rowOf(page, person.email).innerText(), /kept/);
});

test('a session that is revoked while in use leads to the sign-in, and back to the same view', options, async (t) => {
  const server = await dashboard(t);
  const [first, second] = [await server.staff(), await server.staff()];
  const [one, other] = [await server.open('sessions?state=any'), await server.open('sessions')];
  await signIn(one, first.email);
  await signIn(other, second.email);
  await rowOf(one, first.email).waitFor();
  await rowOf(other, first.email).getByRole('button', { name: 'Revoke' }).click();
  await other.getByRole('button', { name: 'Revoke session', exact: true }).click();
  await one.getByText('Your session has ended').waitFor();
  assert.equal(await one.getByRole('table').count(), 0);
  await signIn(one, first.email);
  await one.getByRole('table', { name: 'Sessions' }).waitFor();
  assert.match(one.url(), /\/sessions\?state=any$/);
});

test('below another path', options, async (t) => {
  const server = await dashboard(t, { ADMIN_PATH: '/back/office' });
  const admin = await server.staff();
  const page = await server.open('users');
  await signIn(page, admin.email);
  await page.getByRole('link', { name: admin.email }).click();
  await page.getByText('This is you.').waitFor();
  await page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await rowOf(page, admin.email).waitFor();
  assert.equal(new URL(page.url()).pathname, '/back/office/sessions');
  assert.deepEqual(server.faults, []);
});

test('with cookies and a CSRF header of other names', options, async (t) => {
  const server = await dashboard(t, {
    SESSION_COOKIE_NAME: 'shop_session',
    CSRF_COOKIE_NAME: '__shop-csrf',
    CSRF_HEADER_NAME: 'X-Shop-Token',
  });
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  await rowOf(page, person.email).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke session', exact: true }).click();
  await page.getByRole('status').getByText('1 session revoked').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(server.faults, []);
});

test('by keyboard alone: signed in, a session found and revoked', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server, 'ada@example.org');
  const admin = await server.staff();
  const page = await server.open('sessions');
  await page.getByLabel('Email').waitFor();
  await page.keyboard.type(admin.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await rowOf(page, person.email).waitFor();
  const tabTo = async (name: string): Promise<void> => {
    for (let steps = 0; steps < 60; steps += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(
        "(document.activeElement.labels?.[0] ?? document.activeElement).textContent || document.activeElement.ariaLabel || ''",
      );
      if (String(focused).includes(name)) return;
    }
    assert.fail(`Tab never came to ${name}`);
  };
  await tabTo('Search sessions');
  await page.keyboard.type('ada');
  await rowOf(page, admin.email).waitFor({ state: 'detached' });
  await tabTo('ada@example.org');
  await tabTo('Revoke');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  // The focus came back to the button.
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await page.keyboard.type('by keyboard');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('1 session revoked').waitFor();
  assert.equal((await person.app.get('auth/session')).status, 410);
});
