import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

const MANDATORY = { ACCOUNT_EMAIL_VERIFICATION: 'mandatory' } as const;
const BY_CODE = { ...MANDATORY, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true } as const;
const WRONG = 'WRNG-WRNG';

const statuses = (replies: readonly { status: number }[]): number[] => replies.map(({ status }) => status).sort();

test('a link that is used twice at once verifies once', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional' });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const { key } = await server.mail.wait(email);
  const replies = await Promise.all(Array.from({ length: 8 }, () => server.app().post('auth/email/verify', { key })));
  assert.deepEqual(statuses(replies), [400, 400, 400, 400, 400, 400, 400, 401]);
  assert.deepEqual((await app.get('account/email')).data, [{ email, verified: true, primary: true }]);
});

test('the links of two mails both work until one is used', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional' });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const first = await server.mail.wait(email);
  await app.put('account/email', { email });
  const second = await server.mail.wait(email);
  assert.notEqual(first.key, second.key);
  for (const { key } of [first, second]) {
    const look = await app.get('auth/email/verify', { headers: { 'X-Email-Verification-Key': key } });
    assert.equal(look.status, 200);
  }
  assert.equal((await app.post('auth/email/verify', { key: first.key })).status, 200);
  assert.deepEqual((await app.post('auth/email/verify', { key: second.key })).errorCodes, ['key:invalid_or_expired_key']);
});

test('a link is void after its days, and once its address is removed', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional', ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS: 2 });
  const [email, second] = [newEmail(), newEmail()];
  const app = server.app();
  await app.signup(email);
  const { key } = await server.mail.wait(email);
  await app.post('account/email', { email: second });
  const removed = await server.mail.wait(second);
  assert.equal((await app.delete('account/email', { email: second })).status, 200);
  assert.deepEqual((await app.post('auth/email/verify', { key: removed.key })).errorCodes, ['key:invalid_or_expired_key']);
  server.clock.advance(2 * 86_400);
  assert.deepEqual((await server.app().post('auth/email/verify', { key })).errorCodes, ['key:invalid_or_expired_key']);
});

test('a key for one purpose opens nothing else', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional' });
  const email = newEmail();
  await server.app().signup(email);
  const verification = await server.mail.wait(email);
  await server.app().post('auth/password/request', { email });
  const reset = await server.mail.wait(email);
  const app = server.app();
  assert.deepEqual((await app.post('auth/email/verify', { key: reset.key })).errorCodes, ['key:invalid_or_expired_key']);
  const swapped = await app.post('auth/password/reset', { key: verification.key, password: PASSWORD });
  assert.deepEqual(swapped.errorCodes, ['key:invalid_password_reset']);
});

test('guesses that are sent at once share the attempts of the code', async (t) => {
  const server = await testServer(t, BY_CODE);
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const { code } = await server.mail.wait(email);
  const token = app.sessionToken;
  const guesses = await Promise.all(Array.from({ length: 20 }, () => app.post('auth/email/verify', { key: WRONG }, { keep: false })));
  assert.ok(guesses.filter(({ status }) => status === 400).length <= 3, 'three attempts, however they come');
  assert.deepEqual([...new Set(statuses(guesses))], [400, 409]);
  assert.equal((await app.post('auth/email/verify', { key: code }, { sessionToken: token })).status, 409);
});

test('the right code logs in once, in the session that asked, in any case and punctuation', async (t) => {
  const server = await testServer(t, BY_CODE);
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const { code } = await server.mail.wait(email);
  assert.equal((await server.app().post('auth/email/verify', { key: code })).status, 409);
  const other = server.app();
  await other.signup(newEmail());
  assert.deepEqual((await other.post('auth/email/verify', { key: code })).errorCodes, ['key:incorrect_code']);
  const typed = ` ${code.toLowerCase().replace('-', '.')} `;
  const look = await app.get('auth/email/verify', { headers: { 'X-Email-Verification-Key': typed } });
  assert.equal(look.status, 200);
  const replies = await Promise.all(Array.from({ length: 6 }, () => app.post('auth/email/verify', { key: typed }, { keep: false })));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  assert.ok(replies.every(({ status }) => [200, 409, 410].includes(status)));
});

test('a code is void after its time', async (t) => {
  const server = await testServer(t, { ...BY_CODE, ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT: 60 });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const { code } = await server.mail.wait(email);
  server.clock.advance(60);
  assert.equal((await app.post('auth/email/verify', { key: code })).status, 409);
});

test('a code is void once its address is removed', async (t) => {
  const server = await testServer(t, BY_CODE);
  const first = newEmail();
  const app = server.app();
  await app.signup(first);
  await app.post('auth/email/verify', { key: (await server.mail.wait(first)).code });
  const second = newEmail();
  await app.post('account/email', { email: second });
  const { code } = await server.mail.wait(second);
  assert.equal((await app.delete('account/email', { email: second })).status, 200);
  assert.equal((await app.post('auth/email/verify', { key: code })).status, 409);
  assert.deepEqual((await app.get('account/email')).data, [{ email: first, verified: true, primary: true }]);
});

test('a code is stored as a keyed hash', async (t) => {
  const server = await testServer(t, BY_CODE);
  const email = newEmail();
  await server.app().signup(email);
  const { code } = await server.mail.wait(email);
  const rows = await server.kit.db.knex('one_time_codes').select('*');
  assert.equal(rows.length, 1);
  const text = JSON.stringify(rows);
  for (const form of [code, code.replace('-', ''), code.toLowerCase()]) assert.ok(!text.includes(form));
});

test('a signup corrects its address while it waits for the code', async (t) => {
  const server = await testServer(t, { ...BY_CODE, ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: 1 });
  const [wrong, right] = [newEmail(), newEmail()];
  const app = server.app();
  await app.signup(wrong);
  const first = await server.mail.wait(wrong);
  assert.equal((await app.post('account/email', { email: right })).status, 401);
  const second = await server.mail.wait(right);
  assert.deepEqual((await app.post('auth/email/verify', { key: first.code })).errorCodes, ['key:incorrect_code']);
  assert.equal((await app.post('account/email', { email: newEmail() })).status, 409, 'once only');
  const done = await app.post('auth/email/verify', { key: second.code });
  assert.equal(done.status, 200);
  assert.deepEqual((await app.get('account/email')).data, [{ email: right, verified: true, primary: true }]);
});

test('a signup that corrects its address to a taken one sees no difference, and never gets in', async (t) => {
  const server = await testServer(t, { ...BY_CODE, ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE: true });
  const taken = newEmail();
  const owner = server.app();
  await owner.signup(taken);
  await owner.post('auth/email/verify', { key: (await server.mail.wait(taken)).code });
  const app = server.app();
  await app.signup(newEmail());
  const changed = await app.post('account/email', { email: taken });
  assert.equal(changed.status, 401);
  const notice = await server.mail.wait(taken);
  assert.equal(notice.code, '');
  assert.match(notice.subject, /account already/);
  assert.deepEqual((await app.post('auth/email/verify', { key: WRONG })).errorCodes, ['key:incorrect_code']);
});

test('whoever verifies an address has it, whoever else only claimed it', async (t) => {
  const server = await testServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'optional' });
  const victim = newEmail();
  const squatter = server.app();
  await squatter.signup(victim, 'squatter-Pass-4-word');
  const stolen = await server.mail.wait(victim);
  const app = server.app();
  await app.signup(newEmail());
  assert.equal((await app.post('account/email', { email: victim })).status, 200);
  const mine = await server.mail.wait(victim);
  assert.equal((await app.post('auth/email/verify', { key: mine.key })).status, 200);
  assert.deepEqual((await squatter.post('auth/email/verify', { key: stolen.key })).errorCodes, ['key:email_taken']);
  assert.equal((await server.app().login(victim)).status, 200);
});
