import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/contracts/limits.ts';
import { testServer } from '../support/server.ts';

// What a request costs is measured by `npm run bench -- --only cost`; these show that the lengths are looked at, and where.

test('a query of thousands of parameters is refused where the query is read, and ignored elsewhere', async (t) => {
  const server = await testServer(t);
  const query = '?' + 'a&'.repeat(7000);
  assert.equal((await fetch(`${server.url}/_allauth/app/v1/config${query}`)).status, 200);
  const refused = await fetch(`${server.url}/admin/api/v1/sessions${query}`);
  assert.equal(refused.status, 400);
  assert.equal((await fetch(`${server.url}/admin/api/v1/sessions?__proto__=1&__proto__=2`)).status, 401);
});

test('a text of a body is measured before anything else is done with it', async (t) => {
  const server = await testServer(t, { ACCOUNT_LOGIN_METHODS: ['username', 'email'] });
  const marks = '\u0301\u0323'.repeat(40_000);
  for (const body of [
    { username: marks, password: 'a' },
    { email: marks, password: 'a' },
    { username: 'ann', password: marks },
  ]) {
    const response = await fetch(`${server.url}/_allauth/app/v1/auth/login`, { method: 'POST', body: JSON.stringify(body) });
    assert.equal(response.status, 400);
    const { errors } = (await response.json()) as { errors: { code: string }[] };
    assert.deepEqual([...new Set(errors.map(({ code }) => code))], ['max_length'], Object.keys(body).join());
  }
});

test('a user name that is longer than any spelling of a name is no name', async (t) => {
  const server = await testServer(t, { ACCOUNT_LOGIN_METHODS: ['username'] });
  const body = JSON.stringify({ username: 'a'.repeat(LIMITS.usernameLookup + 1), password: 'wrong-Horse-9-staple' });
  const response = await fetch(`${server.url}/_allauth/app/v1/auth/login`, { method: 'POST', body });
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  assert.equal(errors[0]?.code, 'username_password_mismatch');
});

test('a refresh token that is too long is refused like any unknown one', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  const unknown = await app.refresh('no-such-token.'.repeat(7));
  const long = await app.refresh('no-such-token.'.repeat(LIMITS.text));
  assert.deepEqual([long.status, long.json], [400, { status: 400 }]);
  assert.deepEqual(long.json, unknown.json);
  assert.deepEqual((await app.post('tokens/refresh', {}, { auth: 'none' })).errorCodes, ['refresh_token:required']);
});
