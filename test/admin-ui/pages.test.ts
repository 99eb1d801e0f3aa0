import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { listEvents } from '../../src/store/events.ts';
import { newPerson } from '../admin/support.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { smtpSink } from '../support/mail.ts';
import { dashboard, rowOf, signIn, withoutBrowser, type Dashboard } from './browser.ts';

const options = { skip: withoutBrowser };

/** Bytes of JavaScript, gzipped, that the first page may load. */
const BUDGET = 60_000;

test('the first page loads at most 60 kB of JavaScript', options, async (t) => {
  const server = await dashboard(t);
  const admin = await server.staff();
  for (const path of ['', 'sessions']) {
    const page = await server.open(path);
    await signIn(page, admin.email);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    const urls: string[] = await page.evaluate(
      "performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.js'))",
    );
    const scripts = await Promise.all(urls.map(async (url) => Buffer.from(await (await fetch(url)).arrayBuffer())));
    const size = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
    assert.ok(urls.length > 1 && size <= BUDGET, `/${path}: ${size} bytes in ${urls.length} files`);
  }
});

test('nothing of the page is inline', { skip: withoutBrowser }, () => {
  const html = readFileSync(new URL('../../dist/admin-ui/index.html', import.meta.url), 'utf8');
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, options, async (t) => {
    const server = await dashboard(t);
    const person = await newPerson(server);
    const admin = await server.staff();
    const page = await server.open('', { colorScheme });
    await page.getByLabel('Email').waitFor();
    await examine(page, 'sign-in');
    await signIn(page, admin.email);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    for (const path of [
      '',
      'sessions?state=any&q=example',
      'users',
      `users/${person.id}`,
      `sessions/${person.sid}`,
      'audit',
      'settings',
      'keys',
      'nowhere',
    ]) {
      await page.goto(`${server.url}/admin/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await examine(page, path);
    }
    await openRevocation(server, page, person.email);
    await examine(page, 'dialog');
    await page.goto(`${server.url}/admin/users`);
    await page.getByRole('button', { name: 'New user' }).click();
    await examine(page, 'new user');
    await page.getByRole('dialog').getByLabel('Email').fill(newEmail());
    await page.getByRole('dialog').getByLabel('Password').fill('x');
    await page.getByRole('button', { name: 'Create user' }).click();
    await page.getByRole('dialog').locator('.error').first().waitFor();
    await examine(page, 'new user, refused');
    await page.goto(`${server.url}/admin/users/${person.id}`);
    await page.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').waitFor();
    await examine(page, 'question');
    assert.deepEqual(server.faults, []);
  });
}

async function examine(page: Page, where: string): Promise<void> {
  // Transitions would be measured half way.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${where}: ${id}: ${html}`));
  assert.deepEqual(found, []);
}

async function openRevocation(server: Dashboard, page: Page, email: string): Promise<void> {
  await page.goto(`${server.url}/admin/sessions`);
  await rowOf(page, email).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').waitFor();
}

test('users: made, found, deactivated with all sessions; keys rotated or told how', options, async (t: TestContext) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('users');
  await signIn(page, admin.email);
  const email = newEmail();
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByRole('dialog').getByLabel('Email').fill(email);
  await page.getByRole('dialog').getByLabel('Password').fill('x');
  await page.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('dialog').locator('.error').first().waitFor();
  await page.getByRole('dialog').getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('link', { name: email }).waitFor();
  await page.getByLabel('Search users').fill(person.email);
  await page.getByRole('link', { name: email }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: person.email }).click();
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
  await page.getByText('Deactivated', { exact: true }).waitFor();
  assert.equal((await person.app.get('auth/session')).status, 410);
  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByRole('button', { name: 'Rotate keys' }).click();
  await page.getByText('No new key was generated.').waitFor();
});

test('a new key is published first: the page tells from when on it signs', options, async (t) => {
  const server = await dashboard(t, {
    HEADLESS_JWT_PRIVATE_KEY: 'database',
    HEADLESS_JWT_ALGORITHM: 'ES256',
    SECRET_KEY: 'a-secret-that-encrypts-the-keys-of-this-test',
  });
  const admin = await server.staff();
  const page = await server.open('keys');
  await signIn(page, admin.email);
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByRole('dialog').getByText('It starts to sign some minutes later').waitFor();
  await page.getByRole('button', { name: 'Rotate keys' }).click();
  const said = await page.getByRole('status').getByText('A new key was published.').innerText();
  const [, time = ''] = /It signs from (.*);/.exec(said) ?? [];
  await page.getByRole('cell', { name: `Published, signs from ${time}` }).waitFor();
  const [event] = await listEvents(server.kit.db, { limit: 1, type: 'key_rotated' });
  assert.equal(Date.parse(time) / 1000, event?.details['signs_from']);
  await page.goto(`${server.url}/admin/audit?event=key_rotated`);
  await page.getByRole('button', { name: 'Details of Key rotated' }).click();
  await page.getByRole('definition').getByText(time).waitFor();
  assert.deepEqual(server.faults, []);
});

test('a user is invited, and has a reset sent; the page tells of addresses and ways to sign in', options, async (t) => {
  const server = await dashboard(t, { ACCOUNT_LOGIN_BY_CODE_ENABLED: true });
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('users');
  await signIn(page, admin.email);
  const email = newEmail();
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Email').fill(email);
  await dialog.getByLabel('Send an invitation').check();
  assert.equal(await dialog.getByLabel('Password').count(), 0, 'the user chooses it');
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
  await page.getByRole('status').getByText(`An invitation was sent to ${email}.`).waitFor();
  await server.mail.wait(email);
  await page.getByRole('link', { name: email }).click();
  await page.getByText('Has no password').waitFor();
  await page.goto(`${server.url}/admin/users/${person.id}`);
  const about = page.getByRole('region', { name: 'Details' });
  await about.getByText('By email address').waitFor();
  assert.match(await about.innerText(), new RegExp(`Has a password[^]*Can request a code[^]*${person.email}`));
  assert.doesNotMatch(await about.innerText(), /second factor/, 'nothing is known of one');
  await server.mail.wait(person.email); // the signup's own
  await page.getByRole('button', { name: 'Send password reset' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send password reset' }).click();
  await page.getByRole('status').getByText(`A link to choose a new password was sent to ${person.email}.`).waitFor();
  assert.notEqual((await server.mail.wait(person.email)).key, '');
  assert.equal((await person.app.get('auth/session')).status, 200, 'nothing has changed yet');
  assert.deepEqual(server.faults, []);
});

test('each figure of the overview leads to its list; mails that are stuck are tried from there', options, async (t) => {
  let refusing = true;
  const { port, box } = await smtpSink(t, {
    onRcptTo: (_address, _session, done) => done(refusing ? Object.assign(new Error('no'), { responseCode: 550 }) : null),
  });
  const server = await dashboard(t, { EMAIL_HOST: '127.0.0.1', EMAIL_PORT: port, DEFAULT_FROM_EMAIL: 'noreply@shop.example' });
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open();
  await signIn(page, admin.email);
  const main = page.getByRole('main');
  for (const [figure, heading, query] of [
    ['Active sessions', 'Sessions', ''],
    ['Refreshes', 'Sessions', '?sort=-last_seen_at'],
    ['Logins', 'Audit log', '?event=login&period=1d'],
    ['Failed logins', 'Audit log', '?event=login_failed&period=1d'],
    ['Revocations', 'Audit log', '?event=session_revoked&period=1d'],
    ['Reuse detections', 'Audit log', '?event=refresh_token_reused&period=1d'],
    ['Signups', 'Audit log', '?event=signup&period=1d'],
  ] as const) {
    await main.getByRole('link', { name: new RegExp(`^${figure} ?\\d`) }).click();
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    assert.equal(new URL(page.url()).search, query, figure);
    await page.getByRole('link', { name: 'Overview' }).click();
  }
  await main.getByRole('img', { name: /^Signups over time/ }).waitFor();
  assert.equal(await main.getByRole('img', { name: /over time/ }).count(), 7);
  const stuck = main.getByRole('listitem').filter({ hasText: '1 was given up' });
  for (; (await stuck.count()) === 0; await page.reload()) await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  refusing = false;
  await stuck.getByRole('button', { name: 'Retry now' }).click();
  await page.getByRole('status').getByText('1 email is being sent now.').waitFor();
  await stuck.waitFor({ state: 'detached' });
  await box.wait(person.email);
  assert.deepEqual(server.faults, []);
});

test('without a network it says so, and tries again when it is back or when it is told to', options, async (t) => {
  const server = await dashboard(t);
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  await rowOf(page, admin.email).waitFor();
  await page.context().setOffline(true);
  await page.getByText('You are offline').waitFor();
  await page.getByLabel('Search sessions').fill('else');
  await page.getByText('The server cannot be reached').waitFor();
  await page.context().setOffline(false);
  await page.getByText('No sessions match').waitFor();
  // The server away, and the network there: nothing tells the browser when to try again.
  await page.route('**/admin/api/**', (route) => route.abort());
  await page.getByLabel('Search sessions').fill('other');
  await page.getByText('The server cannot be reached').waitFor();
  await page.unroute('**/admin/api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('No sessions match').waitFor();
});

test('the settings page marks settings without effect', options, async (t) => {
  const server = await dashboard(t);
  const admin = await server.staff();
  const page = await server.open('settings');
  await signIn(page, admin.email);
  const mark = (name: string) => page.getByRole('row').filter({ hasText: name }).getByText('no effect yet');
  await mark('MFA_TOTP_DIGITS').waitFor();
  assert.equal(await mark('MFA_TRUST_COOKIE_NAME').count(), 0);
});
