import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { updateUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const WRONG = 'not-the-Password-1';
const USERNAMES: Config = { ACCOUNT_SIGNUP_FIELDS: ['username*', 'email*', 'password1*'] };

test('a login by address records how and when', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.login(` ${email.toUpperCase()} `);
    assert.equal(reply.status, 200);
    const [method, ...more] = dig(reply.data, 'methods') as { at: number }[];
    assert.deepEqual([{ ...method, at: 0 }, more], [{ method: 'password', email, at: 0 }, []]);
    assert.ok(method && Math.abs(method.at - server.clock.now()) < 60);
    assert.deepEqual((await client.session()).data, reply.data, 'the session keeps it');
  }
});

test('an unknown address and a wrong password get the very same answer', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  for (const client of [server.app(), server.browser()]) {
    const wrong = await client.login(email, WRONG);
    assert.deepEqual([wrong.status, ...wrong.errorCodes], [400, 'password:email_password_mismatch']);
    const unknown = await client.login(newEmail(), WRONG);
    assert.equal(unknown.status, 400);
    assert.equal(unknown.text, wrong.text);
    assert.deepEqual(Object.keys(unknown.headers).sort(), Object.keys(wrong.headers).sort());
    assert.equal((await client.session()).status, 401);
  }
});

test('what is missing or no address is told by member', async (t) => {
  const app = (await testServer(t)).app();
  assert.deepEqual((await app.post('auth/login', {})).errorCodes, ['email:required', 'password:required']);
  assert.deepEqual((await app.post('auth/login', { email: newEmail() })).errorCodes, ['password:required']);
  assert.deepEqual((await app.login('nope', WRONG)).errorCodes, ['email:invalid']);
  assert.deepEqual((await app.post('auth/login', { username: 'jane', password: WRONG })).errorCodes, ['email:required']);
  assert.equal(app.sessionToken, '');
});

test('a login by name takes the name alone', async (t) => {
  const server = await testServer(t, { ...USERNAMES, ACCOUNT_LOGIN_METHODS: ['username'] });
  const email = newEmail();
  await server.app().signup(email, PASSWORD, { username: 'Jane' });
  const logIn = (body: object) => server.app().post('auth/login', { password: PASSWORD, ...body });
  assert.deepEqual((await logIn({ email })).errorCodes, ['username:required']);
  assert.deepEqual((await logIn({ username: email })).errorCodes, ['password:username_password_mismatch']);
  const [wrong, unknown] = [await logIn({ username: 'Jane', password: WRONG }), await logIn({ username: 'nobody', password: WRONG })];
  assert.deepEqual(wrong.errorCodes, ['password:username_password_mismatch']);
  assert.equal(unknown.text, wrong.text);
  const reply = await logIn({ username: 'jANE' });
  assert.equal(reply.status, 200);
  assert.equal(digText(reply.data, 'user', 'username'), 'Jane');
  assert.equal(digText(reply.data, 'methods', 0, 'username'), 'jANE', 'as it was typed');
});

test('of two methods exactly one is to be used', async (t) => {
  const server = await testServer(t, { ...USERNAMES, ACCOUNT_LOGIN_METHODS: ['email', 'username'] });
  const email = newEmail();
  await server.app().signup(email, PASSWORD, { username: 'Jane' });
  const logIn = (body: object) => server.app().post('auth/login', { password: PASSWORD, ...body });
  assert.deepEqual((await logIn({ email, username: 'Jane' })).errorCodes, [':invalid_login']);
  assert.deepEqual((await logIn({})).errorCodes, [':invalid_login']);
  assert.deepEqual((await logIn({ email: ' ', username: null })).errorCodes, [':invalid_login']);
  assert.equal((await logIn({ email })).status, 200);
  assert.equal((await logIn({ username: 'jane', email: '' })).status, 200);
  assert.deepEqual((await logIn({ email, password: WRONG })).errorCodes, ['password:email_password_mismatch']);
  assert.deepEqual((await logIn({ username: 'Jane', password: WRONG })).errorCodes, ['password:username_password_mismatch']);
});

test('who is logged in gets 409, but bad input and a wrong password are told first', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(email);
  await browser.login(email);
  for (const client of [app, browser]) {
    assert.equal((await client.login(email)).status, 409);
    assert.equal((await client.login(email, WRONG)).status, 400);
    assert.equal((await client.post('auth/login', {})).status, 400);
    assert.equal((await client.session()).status, 200);
  }
  assert.equal((await app.post('auth/login', { email, password: PASSWORD }, { auth: 'session' })).status, 409);
});

test('an account that is not active stays anonymous, with the right password as with a wrong one', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const signup = await server.app().signup(email);
  await updateUser(server.kit.db, digText(signup.data, 'user', 'id'), { isActive: false });
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.login(email);
    assert.equal(reply.status, 401);
    assert.deepEqual(reply.flowIds, ['login', 'signup']);
    assert.deepEqual(reply.meta, { is_authenticated: false }, 'no tokens');
    assert.equal(reply.setCookies.has('sessionid'), false);
    assert.equal((await client.login(email, WRONG)).status, 400);
  }
  await updateUser(server.kit.db, digText(signup.data, 'user', 'id'), { isActive: true });
  assert.equal((await server.app().login(email)).status, 200);
});

test('many logins of one user at once are as many sessions', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  const clients = Array.from({ length: 8 }, () => server.app());
  for (const reply of await Promise.all(clients.map((client) => client.login(email)))) assert.equal(reply.status, 200);
  assert.equal(new Set(clients.map(({ sessionToken }) => sessionToken)).size, 8);
  const list = (await clients[0]?.get('auth/sessions'))?.data;
  assert.ok(Array.isArray(list) && list.length === 9);
});
