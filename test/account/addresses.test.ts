import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

const NONE = { ACCOUNT_EMAIL_VERIFICATION: 'none' } as const;

test('ACCOUNT_MAX_EMAIL_ADDRESSES holds when addresses are added at once', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_MAX_EMAIL_ADDRESSES: 3 });
  const app = server.app();
  await app.signup(newEmail());
  const replies = await Promise.all(Array.from({ length: 8 }, () => app.post('account/email', { email: newEmail() })));
  assert.equal(replies.filter(({ status }) => status === 200).length, 2);
  const refused = replies.filter(({ status }) => status !== 200);
  assert.ok(refused.every(({ errorCodes }) => errorCodes.join() === 'email:max_email_addresses'));
  assert.equal(((await app.get('account/email')).data as unknown[]).length, 3);
});

test('one address that is added twice at once is there once', async (t) => {
  const server = await testServer(t, NONE);
  const app = server.app();
  const email = newEmail();
  await app.signup(newEmail());
  const replies = await Promise.all(Array.from({ length: 4 }, () => app.post('account/email', { email })));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  assert.equal(((await app.get('account/email')).data as unknown[]).length, 2);
});

test('of two users who verify one address at once, one has it', async (t) => {
  const server = await testServer(t, NONE);
  const email = newEmail();
  const apps = [server.app(), server.app(), server.app()];
  const keys: string[] = [];
  for (const app of apps) {
    await app.signup(newEmail());
    await app.post('account/email', { email });
    keys.push((await server.mail.wait(email)).key);
  }
  const replies = await Promise.all(apps.map((app, index) => app.post('auth/email/verify', { key: keys[index] })));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1, JSON.stringify(replies.map(({ text }) => text)));
  assert.ok(replies.every(({ status, errorCodes }) => status === 200 || errorCodes.join() === 'key:email_taken'));
});

test('an added address is verified by code, in the session that added it', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true });
  const [first, second] = [newEmail(), newEmail()];
  const app = server.app();
  await app.signup(first);
  assert.equal((await app.post('account/email', { email: second })).status, 200);
  const { code } = await server.mail.wait(second);
  const other = server.app();
  await other.login(first);
  assert.equal((await other.post('auth/email/verify', { key: code })).status, 409);
  assert.equal((await app.post('auth/email/verify', { key: code })).status, 200);
  const addresses = (await app.get('account/email')).data;
  assert.deepEqual(addresses, [
    { email: first, verified: false, primary: true },
    { email: second, verified: true, primary: false },
  ]);
});

test('a code for an address that was removed verifies nothing', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true });
  const second = newEmail();
  const app = server.app();
  await app.signup(newEmail());
  await app.post('account/email', { email: second });
  const { code } = await server.mail.wait(second);
  assert.equal((await app.delete('account/email', { email: second })).status, 200);
  assert.equal((await app.post('auth/email/verify', { key: code })).status, 409);
  assert.equal(((await app.get('account/email')).data as unknown[]).length, 1);
});

test('with ACCOUNT_CHANGE_EMAIL the new address takes the place of the old, whose owner is told', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_CHANGE_EMAIL: true, ACCOUNT_EMAIL_NOTIFICATIONS: true });
  const [first, second] = [newEmail(), newEmail()];
  const app = server.app();
  await app.signup(first);
  await app.post('account/email', { email: second });
  assert.match((await server.mail.wait(first)).subject, /was added/);
  const { key } = await server.mail.wait(second);
  assert.equal((await app.post('auth/email/verify', { key })).status, 200);
  const notice = await server.mail.wait(first);
  assert.ok(notice.text.includes(first) && notice.text.includes(second));
  assert.deepEqual((await app.get('account/email')).data, [{ email: second, verified: true, primary: true }]);
  assert.equal((await server.app().login(first)).status, 400);
});

test('changes of addresses ask for a recent authentication where that is required', async (t) => {
  const server = await testServer(t, { ...NONE, ACCOUNT_REAUTHENTICATION_REQUIRED: true });
  const [first, second] = [newEmail(), newEmail()];
  const app = server.app();
  await app.signup(first);
  await app.post('auth/reauthenticate', { password: PASSWORD });
  await app.post('account/email', { email: second });
  await app.post('auth/email/verify', { key: (await server.mail.wait(second)).key });
  server.clock.advance(301);
  await app.refresh();
  const primary = await app.patch('account/email', { email: second, primary: true });
  const removed = await app.delete('account/email', { email: second });
  for (const reply of [primary, removed, await app.post('account/email', { email: newEmail() })]) {
    assert.equal(reply.status, 401);
    assert.deepEqual(reply.flowIds, ['reauthenticate']);
  }
  await app.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await app.patch('account/email', { email: second, primary: true })).status, 200);
});

test('signups for a taken address at once: with mandatory verification all look alike, and one makes an account', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'mandatory' });
  const email = newEmail();
  const replies = await Promise.all(Array.from({ length: 5 }, (_, index) => server.app().signup(email, `different-Pass-${index}-word`)));
  for (const { status, data } of replies) {
    assert.equal(status, 401);
    assert.deepEqual(data, replies[0]?.data);
  }
  const mails = await Promise.all(replies.map(() => server.mail.wait(email)));
  assert.equal(mails.filter(({ key }) => key !== '').length, 1);
  assert.deepEqual(await server.kit.db.knex('emails').where({ email }).count({ rows: '*' }), [{ rows: 1 }]);
});
