import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppClient } from '../support/clients.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { testServer } from '../support/server.ts';

/** A signup with this body is refused with these codes. */
async function refuses(app: AppClient, body: unknown, ...codes: string[]): Promise<void> {
  const reply = await app.post('auth/signup', body);
  assert.equal(reply.status, 400, reply.text);
  assert.deepEqual(reply.errorCodes, codes.sort(), JSON.stringify(body));
}

test('a signup takes address and password, and answers with the user and no method', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  for (const client of [server.app(), server.browser()]) {
    const mine = client.kind === 'app' ? email : newEmail();
    const reply = await client.signup(mine);
    assert.equal(reply.status, 200);
    assert.deepEqual(dig(reply.data, 'methods'), []);
    assert.equal(dig(reply.meta, 'is_authenticated'), true);
    assert.deepEqual(dig(reply.data, 'user'), {
      id: digText(reply.data, 'user', 'id'),
      display: mine.split('@')[0],
      email: mine,
      username: mine.split('@')[0],
      has_usable_password: true,
    });
    assert.match(digText(reply.data, 'user', 'id'), /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.equal((await client.session()).status, 200);
  }
});

test('without further fields, address and password are required; all faults are told at once', async (t) => {
  const app = (await testServer(t)).app();
  await refuses(app, undefined, 'email:required', 'password:required');
  await refuses(app, {}, 'email:required', 'password:required');
  await refuses(app, { email: null, password: null }, 'email:required', 'password:required');
  await refuses(app, { email: '', password: '   ' }, 'email:required', 'password:required');
  await refuses(app, { email: newEmail() }, 'password:required');
  await refuses(app, { password: PASSWORD }, 'email:required');
  await refuses(app, { email: 'nope', password: 'sh0rt~q' }, 'email:invalid', 'password:password_too_short');
  for (const email of ['nope', 'a@b', 'two@at@example.org', 'a b@example.org', 'a@-example.org', '@example.org', 'a@example..org']) {
    await refuses(app, { email, password: PASSWORD }, 'email:invalid');
  }
  assert.equal(app.sessionToken, '', 'a refused signup starts no session');
});

test('members that no setting asks for are not looked at', async (t) => {
  const app = (await testServer(t)).app();
  const reply = await app.signup(newEmail(), PASSWORD, {
    username: 'x'.repeat(999),
    email2: 'other',
    is_staff: true,
    phone: 5,
    isActive: false,
  });
  assert.equal(reply.status, 200);
  assert.notEqual(dig(reply.data, 'user', 'username'), 'x'.repeat(999));
});

test('an address that is typed twice must be the same', async (t) => {
  const app = (await testServer(t, { ACCOUNT_SIGNUP_FIELDS: ['email*', 'email2*', 'password1*'] })).app();
  const email = newEmail();
  await refuses(app, { email, password: PASSWORD }, 'email2:required');
  await refuses(app, { email, email2: newEmail(), password: PASSWORD }, 'email2:invalid');
  await refuses(app, { email, email2: 'nope', password: PASSWORD }, 'email2:invalid');
  assert.equal(
    (await app.signup(email, PASSWORD, { email2: ` ${email.toUpperCase()} ` })).status,
    200,
    'case and outer blanks do not count',
  );
});

test('a password that is optional may be left out; its user has none', async (t) => {
  const server = await testServer(t, { ACCOUNT_SIGNUP_FIELDS: ['email*', 'password1'] });
  const email = newEmail();
  const app = server.app();
  const reply = await app.post('auth/signup', { email });
  assert.equal(reply.status, 200);
  assert.equal(dig(reply.data, 'user', 'has_usable_password'), false);
  for (const password of ['', PASSWORD]) assert.equal((await server.app().login(email, password)).status, 400);
  await refuses(server.app(), { email: newEmail(), password: 'sh0rt~q' }, 'password:password_too_short');
  assert.equal((await server.app().signup(newEmail())).status, 200);
});

test('an address that is optional may be left out', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_SIGNUP_FIELDS: ['username*', 'email', 'password1*'],
    ACCOUNT_LOGIN_METHODS: ['username'],
  });
  const app = server.app();
  const reply = await app.post('auth/signup', { username: 'Zoe', password: PASSWORD });
  assert.equal(reply.status, 200);
  assert.equal(dig(reply.data, 'user', 'email'), undefined);
  assert.equal(dig(reply.data, 'user', 'display'), 'Zoe');
  assert.deepEqual((await app.get('account/email')).data, []);
  assert.equal((await server.app().post('auth/login', { username: 'Zoe', password: PASSWORD })).status, 200);
  await refuses(server.app(), { username: 'other', email: 'nope', password: PASSWORD }, 'email:invalid');
});

test('addresses are bounded by ACCOUNT_EMAIL_MAX_LENGTH', async (t) => {
  const app = (await testServer(t, { ACCOUNT_EMAIL_MAX_LENGTH: 20 })).app();
  await refuses(app, { email: 'abcdefghi@example.org', password: PASSWORD }, 'email:max_length');
  assert.equal((await app.signup('abcdefgh@example.org')).status, 200);
});

test('who is logged in gets 409, but hears of bad input first', async (t) => {
  const server = await testServer(t);
  const taken = newEmail();
  await server.app().signup(taken);
  for (const client of [server.app(), server.browser()]) {
    await client.signup(newEmail());
    assert.equal((await client.signup(newEmail())).status, 409);
    assert.deepEqual((await client.post('auth/signup', { email: 'nope' })).errorCodes, ['email:invalid', 'password:required']);
    assert.deepEqual((await client.signup(taken)).errorCodes, ['email:email_taken']);
    assert.equal((await client.session()).status, 200);
  }
});

test('a server that is closed for signup says so in config and flows, and refuses', async (t) => {
  const server = await testServer(t, { ACCOUNT_ALLOW_SIGNUP: false });
  for (const client of [server.app(), server.browser()]) {
    assert.equal(dig((await client.get('config')).data, 'account', 'is_open_for_signup'), false);
    assert.deepEqual((await client.session()).flowIds, ['login']);
    const email = newEmail();
    const reply = await client.signup(email);
    assert.equal(reply.status, 403);
    assert.deepEqual(reply.json, { status: 403 });
    assert.equal((await client.login(email)).status, 400, 'no account was made');
  }
});
