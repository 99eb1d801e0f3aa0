import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newPerson } from '../admin/support.ts';
import { dashboard, rowOf, signIn, withoutBrowser } from './browser.ts';

const options = { skip: withoutBrowser };

test(
  'an admin signs in, finds a session and revokes it with a reason; the row stays, greyed, and the session is dead',
  options,
  async (t) => {
    const server = await dashboard(t);
    const [ada, bob] = [await newPerson(server, 'ada@example.org'), await newPerson(server, 'bob@example.org')];
    const admin = await server.staff();
    const page = await server.open('sessions');
    await signIn(page, admin.email);
    await rowOf(page, bob.email).waitFor();
    await page.getByLabel('Search sessions').fill('ada');
    await rowOf(page, bob.email).waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).searchParams.get('q'), 'ada');
    await rowOf(page, ada.email).getByRole('button', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog');
    assert.match(await dialog.innerText(), /1 session of 1 user/);
    assert.match(await dialog.innerText(), /300 seconds/);
    await dialog.getByLabel('Reason').fill('laptop stolen');
    await dialog.getByRole('button', { name: 'Revoke session', exact: true }).click();
    await page.getByRole('status').getByText('1 session revoked').waitFor();
    const row = rowOf(page, ada.email);
    await row.getByText('Revoked', { exact: true }).waitFor();
    assert.match(await row.innerText(), /laptop stolen/);
    assert.equal(await row.getByRole('button', { name: 'Revoke' }).count(), 0);
    assert.equal((await ada.app.get('auth/session')).status, 410);
    assert.equal((await bob.app.get('auth/session')).status, 200);
    await row.getByRole('link', { name: ada.email }).click();
    await page.getByText('Session revoked', { exact: true }).waitFor();
    assert.match(await page.getByRole('main').innerText(), /laptop stolen/);
    assert.deepEqual(server.faults, []);
  },
);

test('selected sessions go together, the own one cannot be selected, and is revoked only when that is meant', options, async (t) => {
  const server = await dashboard(t);
  const people = [await newPerson(server), await newPerson(server), await newPerson(server)];
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  const own = rowOf(page, admin.email);
  await own.getByText('This session').waitFor();
  assert.equal(await own.getByRole('checkbox').isDisabled(), true);
  assert.equal(await page.getByRole('button', { name: 'Revoke selected' }).isDisabled(), true);
  for (const { email } of people.slice(0, 2)) await rowOf(page, email).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  assert.match(await page.getByRole('dialog').innerText(), /2 sessions of 2 users/);
  await page.getByRole('button', { name: 'Revoke 2 sessions' }).click();
  await page.getByRole('status').getByText('2 sessions revoked').waitFor();
  assert.deepEqual(await Promise.all(people.map(async ({ app }) => (await app.get('auth/session')).status)), [410, 410, 200]);
  await own.getByRole('button', { name: 'Revoke' }).click();
  const confirm = page.getByRole('button', { name: 'Revoke session', exact: true });
  assert.equal(await confirm.isDisabled(), true);
  await page.getByLabel('I want to end my own session').check();
  await confirm.click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('all that match: the number is asked of the server and typed above 50, and the own session stays', options, async (t) => {
  const server = await dashboard(t, { ACCOUNT_RATE_LIMITS: false });
  const person = await newPerson(server);
  for (let count = 1; count < 52; count += 1) await server.app().login(person.email);
  const admin = await server.staff();
  const page = await server.open('sessions');
  await signIn(page, admin.email);
  await page.getByRole('button', { name: 'Select all that match' }).click();
  await page.getByText('All that match: 52 sessions to revoke').waitFor();
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  const confirm = page.getByRole('button', { name: 'Revoke 52 sessions' });
  await confirm.waitFor();
  assert.match(await page.getByRole('dialog').innerText(), /This ends 52 sessions of 1 user/);
  assert.equal(await confirm.isDisabled(), true);
  await page.getByLabel('Type 52 to confirm').fill('51');
  assert.equal(await confirm.isDisabled(), true);
  await page.getByLabel('Type 52 to confirm').fill('52');
  await confirm.click();
  await page.getByRole('status').getByText('52 sessions revoked. Access tokens stay valid for up to 300 seconds.').waitFor();
  const gone = rowOf(page, person.email).first();
  await gone.getByText('Revoked', { exact: true }).waitFor();
  assert.equal(await gone.getByRole('checkbox').isDisabled(), true);
  await rowOf(page, admin.email).getByText('This session').waitFor();
  await page.getByLabel('Search sessions').fill(admin.email);
  await gone.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Select all that match' }).click();
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  await page.getByRole('status').getByText('There is nothing to revoke').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
});

test('of all states, all that match are those in which somebody is logged in; what has ended is not offered', options, async (t) => {
  const server = await dashboard(t, { ACCOUNT_LOGIN_BY_CODE_ENABLED: true });
  const [person, other] = [await newPerson(server), await newPerson(server)];
  assert.equal((await server.app().post('auth/code/request', { email: other.email })).status, 401);
  assert.equal((await other.app.delete('auth/session')).status, 401);
  const admin = await server.staff();
  const page = await server.open('sessions?state=any');
  await signIn(page, admin.email);
  const waiting = page.getByRole('row').filter({ hasText: 'Pending' });
  await waiting.waitFor();
  await page.getByRole('button', { name: 'Select all that match' }).click();
  await page.getByText('All that match: 1 session to revoke').waitFor();
  assert.deepEqual(
    [await waiting.getByRole('checkbox').isChecked(), await rowOf(page, person.email).getByRole('checkbox').isChecked()],
    [false, true],
  );
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  await page.getByRole('button', { name: 'Revoke session', exact: true }).click();
  await rowOf(page, person.email).getByText('Revoked', { exact: true }).waitFor();
  await page.goto(`${server.url}/admin/sessions?state=revoked`);
  await rowOf(page, other.email).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Select all that match' }).count(), 0);
  assert.equal(await rowOf(page, other.email).getByRole('button', { name: 'Revoke' }).count(), 0);
  assert.deepEqual(server.faults, []);
});

test('two admins at once: what one revokes is greyed at the other, with who did it', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const [first, second] = [await server.staff(), await server.staff()];
  const [one, other] = [await server.open('sessions'), await server.open('sessions')];
  await signIn(one, first.email);
  await signIn(other, second.email);
  await rowOf(one, person.email).waitFor();
  await rowOf(other, person.email).getByRole('button', { name: 'Revoke' }).click();
  await other.getByRole('button', { name: 'Revoke session', exact: true }).click();
  await other.getByRole('status').getByText('1 session revoked').waitFor();
  await rowOf(one, person.email).getByText(`by ${second.email}`).waitFor();
});

test('the view lives in the address, and can be saved', options, async (t) => {
  const server = await dashboard(t);
  const admin = await server.staff();
  const page = await server.open('sessions?state=any&hide=ip,expires');
  await signIn(page, admin.email);
  await rowOf(page, admin.email).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'IP' }).count(), 0);
  await page.getByText('Views', { exact: true }).click();
  await page.getByLabel('Name of the view').fill('Everything');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Reuse detected' }).click();
  await page.getByText('No sessions match').waitFor();
  assert.match(page.url(), /revoked_kind=refresh_token_reused/);
  await page.reload();
  await page.getByText('Views', { exact: true }).click();
  await page.getByRole('button', { name: 'Everything', exact: true }).click();
  await rowOf(page, admin.email).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'IP' }).count(), 0);
});

test('who ended a session is told, and is not taken for one who used it', options, async (t) => {
  const server = await dashboard(t, { ALLAUTH_TRUSTED_PROXY_COUNT: 1 });
  const { sid, id } = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open(`sessions/${sid}`);
  await page.setExtraHTTPHeaders({ 'X-Forwarded-For': '192.0.2.9' });
  await signIn(page, admin.email);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke session', exact: true }).click();
  const told = new RegExp(`Session revoked[^]*192\\.0\\.2\\.9[^]*by ${admin.email}`);
  await page.getByRole('region', { name: 'Events' }).getByText(`by ${admin.email}`).waitFor();
  assert.match(await page.getByRole('region', { name: 'Events' }).innerText(), told);
  const addresses = page.getByRole('region', { name: 'Details' }).locator('div', { hasText: 'Addresses seen' });
  assert.match(await addresses.innerText(), /127\.0\.0\.1$/);
  await page.goto(`${server.url}/admin/users/${id}`);
  const activity = page.getByRole('region', { name: 'Activity' });
  await activity.getByText(`by ${admin.email}`).waitFor();
  assert.match(await activity.innerText(), told);
  assert.equal(await activity.getByText(/^by /).count(), 1, 'not of what the user did');
  assert.deepEqual(server.faults, []);
});

test('the page of a session tells the story of its refresh tokens: replaced, raced for, used again', options, async (t) => {
  const server = await dashboard(t, {
    HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 30,
    HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 60,
  });
  const { app, sid } = await newPerson(server);
  const first = app.refreshToken;
  await app.refresh();
  await app.refresh(first, { take: false });
  await app.refresh(first, { take: false });
  const admin = await server.staff();
  const page = await server.open(`sessions/${sid}`);
  await signIn(page, admin.email);
  const timeline = page.getByRole('region', { name: 'Refresh tokens' }).getByRole('listitem');
  await timeline.first().waitFor();
  assert.match(await timeline.nth(0).innerText(), /Used and replaced[^]*sent again 2 times/);
  assert.match(await timeline.nth(1).innerText(), /Valid/);
  assert.doesNotMatch(await timeline.nth(1).innerText(), /Race/);
  server.clock.advance(90);
  await app.refresh(first, { take: false });
  await timeline.nth(0).getByText('Used again after it had been replaced').waitFor();
  assert.match(await timeline.nth(1).innerText(), /Never used/);
  await page.getByText('Refresh token reused').first().waitFor();
  const html = await page.content();
  for (const token of [first, app.refreshToken]) assert.ok(!html.includes(token.split('.')[2] ?? ''), 'no token is shown');
  assert.deepEqual(server.faults, []);
});
