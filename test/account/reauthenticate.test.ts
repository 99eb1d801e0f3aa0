import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

function methodsOf(data: unknown): unknown[] {
  return (dig(data, 'methods') as { method: string; reauthenticated?: boolean }[]).map(({ method, reauthenticated }) => [
    method,
    reauthenticated,
  ]);
}

test('who is logged in proves it anew by password; the session keeps it, and no tokens are handed out', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  for (const client of [server.app(), server.browser()]) {
    await client.login(email);
    server.clock.advance(100);
    const reply = await client.post('auth/reauthenticate', { password: ` ${PASSWORD} ` });
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.meta, { is_authenticated: true });
    assert.equal(reply.setCookies.has('sessionid'), false, 'the session stays the same');
    assert.deepEqual(methodsOf(reply.data), [
      ['password', undefined],
      ['password', true],
    ]);
    assert.deepEqual((await client.session()).data, reply.data);
  }
});

test('with the session token and with the access token alike', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  for (const auth of ['session', 'bearer'] as const) {
    assert.equal((await app.post('auth/reauthenticate', { password: PASSWORD }, { auth })).status, 200, auth);
  }
  assert.deepEqual(methodsOf((await app.session()).data), [
    ['password', true],
    ['password', true],
  ]);
});

test('a wrong password is refused, and changes nothing', async (t) => {
  const server = await testServer(t);
  for (const client of [server.app(), server.browser()]) {
    await client.signup(newEmail());
    const wrong = await client.post('auth/reauthenticate', { password: `${PASSWORD}x` });
    assert.deepEqual([wrong.status, ...wrong.errorCodes], [400, 'password:incorrect_password']);
    for (const body of [{}, { password: null }, { password: '  ' }]) {
      assert.deepEqual((await client.post('auth/reauthenticate', body)).errorCodes, ['password:required']);
    }
    assert.deepEqual((await client.post('auth/reauthenticate', { password: 5 })).errorCodes, ['password:invalid']);
    assert.deepEqual(methodsOf((await client.session()).data), []);
  }
});

test('an anonymous caller gets 401 whatever the input', async (t) => {
  const server = await testServer(t);
  for (const client of [server.app(), server.browser()]) {
    for (const body of [{}, { password: PASSWORD }]) {
      const reply = await client.post('auth/reauthenticate', body);
      assert.equal(reply.status, 401);
      assert.deepEqual(reply.flowIds, ['login', 'signup']);
    }
  }
});

test('a user without a password cannot prove it by one', async (t) => {
  const server = await testServer(t, { ACCOUNT_SIGNUP_FIELDS: ['email*', 'password1'] });
  const app = server.app();
  assert.equal((await app.post('auth/signup', { email: newEmail() })).status, 200);
  assert.deepEqual((await app.post('auth/reauthenticate', { password: PASSWORD })).errorCodes, ['password:incorrect_password']);
});

test('reauthentications at once: each is kept or refused with 409, none is lost unnoticed', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  const replies = await Promise.all([1, 2, 3].map(() => app.post('auth/reauthenticate', { password: PASSWORD }, { auth: 'session' })));
  const passed = replies.filter(({ status }) => status === 200).length;
  for (const { status } of replies) assert.ok(status === 200 || status === 409, String(status));
  assert.ok(passed >= 1);
  assert.equal(methodsOf((await app.session()).data).length, passed);
});
