import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail, type AppClient } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

// Without verification a signup sends no mail of its own.
const ON: Config = { ACCOUNT_LOGIN_BY_CODE_ENABLED: true, ACCOUNT_EMAIL_VERIFICATION: 'none' };
const ask = (app: AppClient, email: string) => app.post('auth/code/request', { email });
const confirm = (app: AppClient, code: string) => app.post('auth/code/confirm', { code });

test('a code logs in, once, in the session that asked for it, and proves the address', async (t) => {
  const server = await testServer(t, ON);
  const email = newEmail();
  await server.app().signup(email);
  const [app, other] = [server.app(), server.app()];
  const asked = await ask(app, email);
  assert.equal(asked.status, 401);
  const code = (await server.mail.wait(email)).code;
  await ask(other, newEmail());
  assert.deepEqual((await confirm(other, code)).errorCodes, ['code:incorrect_code']);
  assert.equal((await confirm(server.app(), code)).status, 409);
  const done = await confirm(app, code.toLowerCase().replace('-', ' '));
  assert.equal(done.status, 200);
  assert.equal(dig(done.data, 'methods', 0, 'method'), 'code');
  assert.deepEqual((await app.get('account/email')).data, [{ email, primary: true, verified: true }]);
  assert.equal((await confirm(app, code)).status, 409);
});

test('of two uses at once one wins', async (t) => {
  const server = await testServer(t, ON);
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await ask(app, email);
  const code = (await server.mail.wait(email)).code;
  const replies = await Promise.all(Array.from({ length: 8 }, () => app.send('POST', 'auth/code/confirm', { code }, { keep: false })));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
});

test('guesses at once share the attempts; then the right code is no good', async (t) => {
  const server = await testServer(t, { ...ON, ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS: 3 });
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await ask(app, email);
  const code = (await server.mail.wait(email)).code;
  const guesses = await Promise.all(Array.from({ length: 30 }, () => confirm(app, 'WRNG-WRNG')));
  assert.ok(guesses.filter(({ status }) => status === 400).length <= 3);
  assert.ok(guesses.every(({ status }) => status === 400 || status === 409));
  assert.equal((await confirm(app, code)).status, 409);
});

test('a code is no good after its time, nor after the address left the account', async (t) => {
  const server = await testServer(t, { ...ON, ACCOUNT_LOGIN_BY_CODE_TIMEOUT: 60 });
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  await ask(app, email);
  const late = (await server.mail.wait(email)).code;
  server.clock.advance(60);
  const session = await app.session();
  assert.deepEqual([session.status, session.text.includes('is_pending')], [401, false], 'a login whose code is void is over');
  assert.equal((await confirm(app, late)).status, 409);
  await ask(app, email);
  const code = (await server.mail.wait(email)).code;
  await server.kit.db.transaction((db) => db.knex('emails').where({ email }).update({ email: newEmail(), claimed_email: null }));
  assert.equal((await confirm(app, code)).status, 409);
});

/** Two users have one address that neither has proved; the second has a link for it, and `app` waits for a code of the first, whose primary one it is. */
async function sharedAddress(t: TestContext) {
  const server = await testServer(t, ON);
  const email = newEmail();
  const [first, second] = [server.app(), server.app()];
  for (const app of [first, second]) {
    await app.signup(newEmail());
    await app.post('account/email', { email });
  }
  await server.mail.wait(email);
  const { key } = await server.mail.wait(email);
  assert.equal((await first.patch('account/email', { email, primary: true })).status, 200);
  const app = server.app();
  await ask(app, email);
  const { code } = await server.mail.wait(email);
  return { server, email, app, code, second, key };
}

test('a login by code makes the address the user’s alone, as a link does', async (t) => {
  const { server, email, app, code, second, key } = await sharedAddress(t);
  assert.equal((await confirm(app, code)).status, 200);
  assert.deepEqual((await second.post('auth/email/verify', { key })).errorCodes, ['key:email_taken']);
  const claims = (await server.kit.db.knex('emails').where({ email }).pluck('claimed_email')) as (string | null)[];
  assert.deepEqual(
    claims.filter((claim) => claim !== null),
    [email],
  );
});

test('of a login by code and a link that prove one address for two users at once, one has it', async (t) => {
  const { server, email, app, code, second, key } = await sharedAddress(t);
  const [byCode, byLink] = await Promise.all([confirm(app, code), second.post('auth/email/verify', { key })]);
  assert.ok(
    (byCode.status === 200 && byLink.status === 400) || (byCode.status === 409 && byLink.status === 200),
    `${byCode.status} ${byLink.status}`,
  );
  assert.equal(((await server.kit.db.knex('emails').where({ email }).whereNotNull('claimed_email')) as unknown[]).length, 1);
});

test('an unknown address is not told from a known one', async (t) => {
  const server = await testServer(t, ON);
  const [known, unknown] = [newEmail(), newEmail()];
  await server.app().signup(known);
  const replies = [];
  for (const email of [known, unknown]) {
    const app = server.app();
    const asked = await ask(app, email);
    const wrong = await confirm(app, 'WRNG-WRNG');
    for (const { status, json, headers } of [asked, wrong]) {
      replies.push(JSON.stringify([status, json, Object.keys(headers).sort()]).replace(/"session_token":"[^"]*"/, ''));
    }
  }
  assert.deepEqual(replies.slice(0, 2), replies.slice(2));
  assert.doesNotMatch((await server.mail.wait(unknown)).text, /[A-Z]{4}-[A-Z]{4}/);
  const open = await testServer(t, { ...ON, ACCOUNT_PREVENT_ENUMERATION: false });
  assert.deepEqual((await ask(open.app(), unknown)).errorCodes, ['email:unknown_email']);
});

test('sending anew: as often as allowed, the code before is void', async (t) => {
  const server = await testServer(t, { ...ON, ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND: true });
  const email = newEmail();
  await server.app().signup(email);
  const app = server.app();
  assert.equal((await app.post('auth/code/resend')).status, 409);
  await ask(app, email);
  const first = (await server.mail.wait(email)).code;
  const replies = await Promise.all(Array.from({ length: 6 }, () => app.post('auth/code/resend')));
  assert.ok(replies.filter(({ status }) => status === 200).length <= 2);
  assert.notEqual((await confirm(app, first)).status, 200);
});

test('required: also after the password, also at signup', async (t) => {
  const server = await testServer(t, { ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'] });
  const email = newEmail();
  const app = server.app();
  assert.equal((await app.signup(email)).status, 401);
  assert.equal((await confirm(app, (await server.mail.wait(email)).code)).status, 200);
  const second = server.app();
  assert.equal((await second.login(email)).status, 401);
  const done = await confirm(second, (await server.mail.wait(email)).code);
  assert.deepEqual([dig(done.data, 'methods', 0, 'method'), dig(done.data, 'methods', 1, 'method')], ['password', 'code']);
});

test('asking is limited by address: 400, for unknown ones too', async (t) => {
  const server = await testServer(t, { ...ON, ACCOUNT_RATE_LIMITS: { request_login_code: '20/m/ip,2/m/key' } });
  const [email, other] = [newEmail(), newEmail()];
  await server.app().signup(email);
  for (const address of [email, other]) {
    for (let index = 0; index < 2; index += 1) assert.equal((await ask(server.app(), address)).status, 401);
    assert.deepEqual((await ask(server.app(), address)).errorCodes, [':too_many_login_attempts']);
  }
});

test('off: 404, but confirm is there', async (t) => {
  const server = await testServer(t);
  assert.equal((await ask(server.app(), newEmail())).status, 404);
  assert.equal((await server.app().post('auth/code/resend')).status, 404);
  assert.equal((await confirm(server.app(), 'WRNG-WRNG')).status, 409);
});
