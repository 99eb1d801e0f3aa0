import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

test('a limit answers 429 with Retry-After and nothing else, and ends with its window', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: { signup: '2/m/ip' } });
  for (let index = 0; index < 2; index += 1) assert.equal((await server.app().signup(newEmail())).status, 200);
  server.clock.advance(20);
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.signup(newEmail());
    assert.deepEqual(reply.json, { status: 429 });
    const wait = Number(reply.headers['retry-after']);
    assert.ok(wait >= 38 && wait <= 40, `${wait}`);
  }
  server.clock.advance(40);
  assert.equal((await server.app().signup(newEmail())).status, 200);
});

test('bad input counts, GET and other endpoints do not', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: { login: '2/m/ip' } });
  assert.equal((await server.app().post('auth/login', {})).status, 400);
  assert.equal((await server.app().login('nobody@example.org')).status, 400);
  assert.equal((await server.app().login('nobody@example.org')).status, 429);
  assert.equal((await server.app().session()).status, 401);
  assert.equal((await server.app().signup(newEmail())).status, 200);
});

test('failed logins: 400 too_many_login_attempts for this address, also with the right password; a success takes nothing', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: { login_failed: '20/m/ip,2/5m/key', login: false } });
  const [email, other] = [newEmail(), newEmail()];
  await server.app().signup(email);
  await server.app().signup(other);
  for (let index = 0; index < 4; index += 1) assert.equal((await server.app().login(email)).status, 200);
  assert.equal((await server.app().login(email, 'wrong-Password-1')).status, 400);
  assert.equal((await server.app().login(email)).status, 200);
  assert.deepEqual((await server.app().login(email.toUpperCase(), 'wrong-Password-2')).errorCodes, ['password:email_password_mismatch']);
  const refused = await server.app().login(email);
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.errorCodes, [':too_many_login_attempts']);
  assert.equal((await server.app().login(other)).status, 200);
  server.clock.advance(300);
  assert.equal((await server.app().login(email)).status, 200);
});

test('of 100 guesses at once no more are tried than are allowed', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: { login_failed: '5/5m/key', login: false } });
  const email = newEmail();
  await server.app().signup(email);
  const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => server.app().login(email, `wrong-Password-${index}`)));
  assert.equal(replies.filter((reply) => reply.errorCodes[0] === 'password:email_password_mismatch').length, 5);
  assert.equal(replies.filter((reply) => reply.errorCodes[0] === ':too_many_login_attempts').length, 95);
});

test('logins that succeed at once take nothing for good', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: { login_failed: '3/m/ip', login: false } });
  const email = newEmail();
  await server.app().signup(email);
  await Promise.all(Array.from({ length: 30 }, () => server.app().login(email)));
  assert.equal((await server.app().login(email)).status, 200);
});

test('per user: from wherever the user comes, and nobody else', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: { reauthenticate: '2/m/user', change_password: '1/m/user' } });
  const [app, other] = [server.app(), server.app()];
  await app.signup(newEmail());
  await other.signup(newEmail());
  for (let index = 0; index < 2; index += 1) await app.post('auth/reauthenticate', { password: 'wrong' });
  assert.equal((await app.post('auth/reauthenticate', { password: PASSWORD })).status, 429);
  assert.equal((await other.post('auth/reauthenticate', { password: PASSWORD })).status, 200);
  assert.equal((await app.post('account/password/change', {})).status, 400);
  assert.equal((await app.post('account/password/change', {})).status, 429);
});

test('the client’s address comes from the proxy that is trusted', async (t) => {
  const server = await testServer(t, {
    ALLAUTH_TRUSTED_CLIENT_IP_HEADER: 'X-Real-Ip',
    ACCOUNT_RATE_LIMITS: { login: '1/m/ip', login_failed: false },
  });
  const from = (ip: string) => server.app().post('auth/login', {}, { headers: { 'X-Real-Ip': ip } });
  assert.equal((await from('198.51.100.1')).status, 400);
  assert.equal((await from('198.51.100.1')).status, 429);
  assert.equal((await from('198.51.100.2')).status, 400);
  assert.equal((await from('2001:db8::1')).status, 400);
  assert.equal((await from('2001:db8::2')).status, 429);
  assert.equal((await from('2001:db8:0:1::1')).status, 400);
});

test('false switches all limits off', async (t) => {
  const server = await testServer(t, { ACCOUNT_RATE_LIMITS: false });
  for (let index = 0; index < 40; index += 1) assert.equal((await server.app().login('nobody@example.org')).status, 400);
});
