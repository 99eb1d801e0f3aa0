import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { defer } from '../support/cleanup.ts';
import { inviteUser } from '../../src/account/flows/invitations.ts';
import { SERVER_ORIGIN } from '../../src/kit/write.ts';
import { newEmail } from '../support/clients.ts';
import { testServer } from '../support/server.ts';
import { PATIENCE } from '../support/until.ts';

const LINK = /^http:\/\/\S+$/m;
const NEW = 'fresh-Pass-8-word';

async function openPage(t: TestContext): Promise<{ page: Page; faults: string[] }> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  defer(t, () => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  return { page, faults };
}

test('the built-in pages verify an address and reset a password, with keys that no server log sees', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional' });
  const { page, faults } = await openPage(t);
  const email = newEmail();
  const app = server.app();
  await app.signup(email);

  const verification = await server.mail.wait(email);
  await page.goto(LINK.exec(verification.text)?.[0] ?? '');
  await page.getByText(email).waitFor();
  assert.ok(!page.url().includes(verification.key), 'the key does not stay in the address bar');
  assert.deepEqual((await app.get('account/email')).data, [{ email, verified: false, primary: true }], 'opening the page verifies nothing');
  await page.getByRole('button').click();
  await page.getByText('The address is confirmed.').waitFor();
  assert.deepEqual((await app.get('account/email')).data, [{ email, verified: true, primary: true }]);

  await page.goto(`${server.url}/_allauth/pages/reset-password`);
  await page.getByLabel('Email address').fill(email);
  await page.getByRole('button', { name: 'Send the mail' }).click();
  await page.getByText('a mail is on its way').waitFor();
  const reset = await server.mail.wait(email);
  await page.goto(LINK.exec(reset.text)?.[0] ?? '');
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('alert').filter({ hasText: 'too short' }).waitFor();
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('The new password is set.').waitFor();
  assert.equal((await server.app().login(email, NEW)).status, 200);

  await page.goto('about:blank');
  await page.goto(LINK.exec(reset.text)?.[0] ?? '');
  await page.getByText('This link is no longer good.').waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 40[01]/.test(fault)),
    [],
  );
  const log = server.log.join('');
  for (const { key } of [verification, reset]) assert.ok(!log.includes(key));
});

test('an invitation and the link of an admin open the page also where users reset passwords by code', async (t) => {
  const server = await testServer(t, { ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true, ACCOUNT_ALLOW_SIGNUP: false });
  const { page, faults } = await openPage(t);
  const email = newEmail();
  const by = { ...SERVER_ORIGIN, kit: server.kit, origin: server.url, header: () => '' };
  await inviteUser(by, { email });
  await page.goto(LINK.exec((await server.mail.wait(email)).text)?.[0] ?? '');
  await page.getByText(email).waitFor();
  assert.equal(await page.getByLabel('Code').count(), 0, 'the link stands for the code');
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('The new password is set.').waitFor();
  assert.equal((await server.app().login(email, NEW)).status, 200);
  assert.deepEqual(
    faults.filter((fault) => !/status of 40[01]/.test(fault)),
    [],
  );
});

test('a development server shows its mails, without letting them run scripts; one that sends them shows none', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional' });
  const { page, faults } = await openPage(t);
  const email = newEmail();
  await server.app().signup(email);
  await server.mail.wait(email);
  await page.goto(`${server.url}/_allauth/dev/mails`);
  await page.getByRole('link', { name: 'Please confirm' }).click();
  await page.frameLocator('iframe').getByText('Confirm the address').waitFor();
  assert.deepEqual(faults, []);

  const sending = await testServer(t, { EMAIL_HOST: '127.0.0.1' });
  assert.equal((await sending.app().get('/_allauth/dev/mails')).status, 404);
});
