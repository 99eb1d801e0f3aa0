import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import { newEmail } from '../support/clients.ts';
import { secret } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';

const USERNAMES: Config = { ACCOUNT_SIGNUP_FIELDS: ['username*', 'email*', 'password1*'] };

test('blanks around a password are dropped on both sides, those inside are kept', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  assert.equal((await server.app().signup(email, '  padded Pass-5\t')).status, 200);
  for (const same of ['padded Pass-5', ' padded Pass-5', '\npadded Pass-5  ']) {
    assert.equal((await server.app().login(email, same)).status, 200, JSON.stringify(same));
  }
  for (const other of ['paddedPass-5', 'padded  Pass-5', 'Padded Pass-5']) {
    assert.equal((await server.app().login(email, other)).status, 400, JSON.stringify(other));
  }
});

test('all of a long password counts, also what comes after 72 bytes', async (t) => {
  const server = await testServer(t);
  for (const password of ['long-Pass-'.repeat(100), 'ü-ß-€-😀 '.repeat(20).trim(), `x7-${'Y'.repeat(4000)}`]) {
    secret(password);
    const email = newEmail();
    assert.equal((await server.app().signup(email, password)).status, 200);
    assert.equal((await server.app().login(email, password)).status, 200);
    for (const other of [password.slice(0, -1), password.slice(0, 72), `${password}x`, `${password.slice(0, 80)}?${password.slice(81)}`]) {
      assert.equal((await server.app().login(email, other)).status, 400, `${other.length} characters`);
    }
  }
});

test('the default validators refuse by name, as many as apply', async (t) => {
  const server = await testServer(t, USERNAMES);
  const cases: readonly [string, string[]][] = [
    ['x7~Kq', ['password:password_too_short']],
    ['qwertyuiop', ['password:password_too_common']],
    ['QwertyUiop', ['password:password_too_common']],
    ['marmalade-jim', ['password:password_too_similar']],
    ['jim@marmalade.example', ['password:password_too_similar']],
    ['90871265340912', ['password:password_entirely_numeric']],
    ['12345678', ['password:password_entirely_numeric', 'password:password_too_common']],
    ['1234', ['password:password_entirely_numeric', 'password:password_too_common', 'password:password_too_short']],
  ];
  for (const [password, codes] of cases) {
    const body = { email: 'jim@marmalade.example', username: 'MarmaladeJim', password };
    const reply = await server.app().post('auth/signup', body);
    assert.deepEqual([reply.status, ...reply.errorCodes], [400, ...codes.sort()], password);
  }
});

test('the validators are those of AUTH_PASSWORD_VALIDATORS, also in the form of Django', async (t) => {
  const strict = await testServer(t, {
    AUTH_PASSWORD_VALIDATORS: [{ NAME: 'django.contrib.auth.password_validation.MinimumLengthValidator', OPTIONS: { min_length: 12 } }],
  });
  assert.deepEqual((await strict.app().signup(newEmail(), 'qwertyuiop')).errorCodes, ['password:password_too_short']);
  assert.equal((await strict.app().signup(newEmail(), 'qwertyuiop12')).status, 200);
  const none = await testServer(t, { AUTH_PASSWORD_VALIDATORS: [] });
  assert.deepEqual((await none.app().signup(newEmail(), '12345')).errorCodes, ['password:password_too_short'], 'where none is left');
  assert.equal((await none.app().signup(newEmail(), '123456')).status, 200);
});

test('a password change asks the validators too', async (t) => {
  const server = await testServer(t, USERNAMES);
  const app = server.app();
  await app.signup('jim@marmalade.example', 'correct-Horse-7', { username: 'Jim' });
  const cases: readonly [string, string][] = [
    ['x7~Kq', 'password_too_short'],
    ['qwertyuiop', 'password_too_common'],
    ['marmalade1', 'password_too_similar'],
    ['90871265340912', 'password_entirely_numeric'],
  ];
  for (const [next, code] of cases) {
    const reply = await app.post('account/password/change', { current_password: 'correct-Horse-7', new_password: next });
    assert.deepEqual([reply.status, ...reply.errorCodes], [400, `new_password:${code}`]);
  }
  assert.equal((await app.session()).status, 200, 'a refusal ends no session');
});
