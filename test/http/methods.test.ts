import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { test } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { send, type Reply } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { exchangeRaw } from './raw.ts';

/** Methods of each path, and whether they all need a user. */
const ROUTES: readonly [string, string[], boolean][] = [
  ['auth/signup', ['POST'], false],
  ['auth/login', ['POST'], false],
  ['auth/session', ['GET', 'DELETE'], false],
  ['auth/sessions', ['GET', 'DELETE'], true],
  ['auth/reauthenticate', ['POST'], true],
  ['account/password/change', ['POST'], true],
  ['config', ['GET'], false],
  ['tokens/refresh', ['POST'], false],
];

/** Where who is not logged in hears of a bad input before a wrong method. */
const INPUT_FIRST = ['auth/login', 'tokens/refresh'];

/** Of these too; a good one, so that the method is what is wrong. */
const GOOD_INPUT: Readonly<Record<string, unknown>> = {
  'auth/reauthenticate': { password: 'x' },
  'account/password/change': { current_password: PASSWORD, new_password: 'another-Pass-4-you' },
};

/** The parser answers CONNECT by itself. */
const ALL = METHODS.filter((method) => method !== 'CONNECT');

function allowOf({ headers }: Reply): string[] {
  return (headers.allow ?? '').split(', ').sort();
}

test('a wrong method gets 405 and Allow; where all methods need a user, the anonymous get 401 first', async (t) => {
  const server = await testServer(t);
  const user = server.app();
  await user.signup(newEmail());
  for (const [path, methods, forUsers] of ROUTES) {
    const inputFirst = INPUT_FIRST.includes(path);
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();
    for (const method of ALL.filter((each) => !allowed.includes(each))) {
      const anonymous = await server.app().send(method, path);
      const reply = forUsers ? await user.send(method, path, GOOD_INPUT[path]) : anonymous;
      assert.equal(anonymous.status, forUsers ? 401 : inputFirst && !['GET', 'HEAD'].includes(method) ? 400 : 405, `${method} ${path}`);
      if (inputFirst) continue;
      assert.equal(reply.status, 405, `${method} ${path}`);
      if (method !== 'HEAD') assert.deepEqual(reply.json, { status: 405 }, `${method} ${path}`);
      assert.deepEqual(allowOf(reply), allowed, `${method} ${path}`);
    }
  }
});

test('a wrong method with bad input hears of the input where that is looked at first', async (t) => {
  const app = (await testServer(t)).app();
  assert.deepEqual((await app.put('auth/login', {})).errorCodes, ['email:required', 'password:required']);
  assert.equal((await app.put('auth/login', { email: newEmail(), password: 'x' })).status, 405);
  assert.equal((await app.put('auth/signup', {})).status, 405);
  await app.signup(newEmail());
  assert.deepEqual((await app.put('auth/reauthenticate', {})).errorCodes, ['password:required']);
  const change = await app.put('account/password/change', {});
  assert.deepEqual([change.status, ...change.errorCodes], [400, 'current_password:required', 'new_password:required']);
  const wrong = { current_password: 'wr0ng-Turnip', new_password: 'sh0rt~q' };
  assert.deepEqual((await app.put('account/password/change', wrong)).errorCodes, [
    'current_password:enter_current_password',
    'new_password:password_too_short',
  ]);
  assert.equal((await app.session()).status, 200);
});

test('a wrong method counts as the right one does: the current password is not guessed by it', async (t) => {
  const app = (await testServer(t, { ACCOUNT_RATE_LIMITS: { change_password: '2/m/user' } })).app();
  await app.signup(newEmail());
  const guess = { current_password: 'wr0ng-Turnip', new_password: 'another-Pass-4-you' };
  const replies = [await app.put('account/password/change', guess), await app.patch('account/password/change', guess)];
  assert.deepEqual(
    [...replies, await app.put('account/password/change', guess)].map(({ status }) => status),
    [400, 400, 429],
  );
});

test('HEAD is GET without a body, OPTIONS tells the methods', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  for (const [path, status] of [
    ['config', 200],
    ['auth/session', 401],
    ['auth/sessions', 401],
    ['nope', 404],
  ] as const) {
    const reply = await app.send('HEAD', path);
    assert.deepEqual([reply.status, reply.text], [status, ''], path);
  }
  await app.signup(newEmail());
  assert.equal((await app.send('HEAD', 'account/email')).status, 200);
  for (const client of [server.app(), server.browser()]) {
    const reply = await client.send('OPTIONS', 'auth/session');
    assert.equal(reply.status, 200);
    assert.deepEqual(allowOf(reply), ['DELETE', 'GET', 'HEAD', 'OPTIONS']);
  }
  assert.equal((await app.send('OPTIONS', 'nope')).status, 404);
});

test('paths are exact: what is not there gets 404 in the shape of the API', async (t) => {
  const server = await testServer(t);
  const paths = [
    '/_allauth',
    '/_allauth/',
    '/_allauth/app',
    '/_allauth/app/v1',
    '/_allauth/app/v1/',
    '/_allauth/app/v1/config/',
    '/_allauth/app/v1//config',
    '/_allauth/app/v1/Config',
    '/_allauth/APP/v1/config',
    '/_allauth/app/v2/config',
    '/_allauth/other/v1/config',
    '/_allauth/browser/v1/tokens/refresh',
    '/_allauth/app/v1/auth/../config',
    '/_allauth/app/v1/auth/%2e%2e/config',
    '/_allauth/app/v1/%63onfig',
    '/_allauth/app/v1/config%00',
    '/_allauth/app/v1/config%',
    '/_allauth/app/v1/%ff%fe',
    '/_allauth/../../../../etc/passwd',
    '/_allauth/..%2f..%2f..%2fetc/passwd',
    '/_allauth/app/v1/config;x=1',
    '/_allauth/app/v1/constructor',
    '/_allauth/app/v1/__proto__',
    '/healthz/',
    '/.well-known/jwks.json/',
    '/nope',
    '/',
    '//_allauth/app/v1/config',
    `/_allauth/app/v1/${'x'.repeat(10_000)}`,
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const reply = await send(server.url, { method, path });
      assert.deepEqual([reply.status, reply.json], [404, { status: 404 }], `${method} ${path.slice(0, 60)}`);
    }
  }
  assert.equal((await send(server.url, { path: '/_allauth/app/v1/config?x=1&y=%zz#f' })).status, 200, 'a query is ignored');
});

test('what is no HTTP gets 400, headers beyond measure 431', async (t) => {
  const { url } = await testServer(t);
  const config = '/_allauth/app/v1/config';
  assert.equal((await exchangeRaw(url, [`GET ${config} HTTP/1.1`, 'Host: localhost', `X-Long: ${'x'.repeat(100_000)}`])).status, 431);
  assert.equal((await exchangeRaw(url, [`GET ${config}?${'x'.repeat(100_000)} HTTP/1.1`, 'Host: localhost'])).status, 431);
  assert.equal((await exchangeRaw(url, [`NONSENSE ${config} HTTP/1.1`, 'Host: localhost'])).status, 400);
  assert.equal((await exchangeRaw(url, [`GET ${config} HTTP/1.1`, 'Host: localhost', 'X-Bad: a\0b'])).status, 400);
  assert.equal((await exchangeRaw(url, [`GET /_allauth/\u0001 HTTP/1.1`, 'Host: localhost'])).status, 400);
  assert.equal((await send(url, { path: config })).status, 200, 'still standing');
});

test('a header that stands twice is not taken for one of its values', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  const twice = [
    'GET /_allauth/app/v1/auth/session HTTP/1.1',
    'Host: localhost',
    `X-Session-Token: ${app.sessionToken}`,
    'X-Session-Token: other',
  ];
  assert.equal((await exchangeRaw(server.url, twice)).status, 410);
});
