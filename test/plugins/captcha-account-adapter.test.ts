import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { CaptchaAccountAdapter } from '../../plugins/captcha-account-adapter.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { leaksIn, secret } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { answeringServer } from './answering.ts';

const SECRET = 'site-secret-of-the-turnip-farm';
const [GOOD, BAD, CROSS] = ['good-visitor-token-1', 'evil-visitor-token-2', 'answer-of-another-page'];
secret(SECRET, GOOD, BAD, CROSS);

type Mode = 'judge' | 'hang' | 'error' | 'page' | 'our-fault' | 'redirect';

/** A provider that speaks siteverify, or misbehaves. */
async function provider(t: TestContext) {
  const state: { mode: Mode; score: number } = { mode: 'judge', score: 0.9 };
  const server = await answeringServer(t, ({ body }, response) => {
    if (state.mode === 'hang') return;
    if (state.mode === 'error') return void response.writeHead(502).end('{"success":true}');
    if (state.mode === 'page') return void response.writeHead(200).end('<html></html>');
    if (state.mode === 'redirect') return void response.writeHead(307, { location: '/elsewhere' }).end();
    if (state.mode === 'our-fault') return void response.end('{"success":false,"error-codes":["invalid-input-secret"]}');
    const form = new URLSearchParams(body);
    const success = form.get('secret') === SECRET && [GOOD, CROSS].includes(form.get('response') ?? '');
    const hostname = form.get('response') === CROSS ? 'evil.example' : 'app.example.org';
    const codes = success ? [] : ['invalid-input-response'];
    response.writeHead(success ? 200 : 400).end(JSON.stringify({ success, hostname, score: state.score, 'error-codes': codes }));
  });
  return { ...server, state };
}

function guarded(url: string, options: object = {}): Config {
  return { ACCOUNT_ADAPTER: [CaptchaAccountAdapter, { url, secret: SECRET, ...options }], ACCOUNT_LOGIN_BY_CODE_ENABLED: true };
}

test('what mails, hashes or makes something asks for a token first; nothing is done without a good one', async (t) => {
  const { url, asked } = await provider(t);
  const actions = ['signup', 'login', 'request_login_code', 'reset_password'];
  const server = await testServer(t, guarded(url, { actions }));
  const email = newEmail();
  assert.equal((await server.app().signup(email, PASSWORD, { captcha: GOOD })).status, 200);
  await server.mail.wait(email);
  for (const [path, body, status] of [
    ['auth/signup', { email: newEmail(), password: PASSWORD }, 200],
    ['auth/login', { email, password: PASSWORD }, 200],
    ['auth/code/request', { email }, 401],
    ['auth/password/request', { email }, 200],
  ] as const) {
    const send = (more: object) => server.app().post(path, { ...body, ...more });
    for (const nothing of [{}, { captcha: '' }, { captcha: null }]) {
      assert.deepEqual((await send(nothing)).errorCodes, ['captcha:required'], path);
    }
    for (const captcha of [BAD, 7, { success: true }, 'x'.repeat(9000)]) {
      const reply = await send({ captcha });
      assert.deepEqual([reply.status, ...reply.errorCodes], [400, 'captcha:captcha_failed'], path);
    }
    assert.equal((await send({ captcha: GOOD })).status, status, path);
  }
  assert.equal((await server.app().post('auth/signup', { captcha: BAD })).errorCodes.join(), 'captcha:captcha_failed', 'before all else');
  const form = new URLSearchParams(asked[0]?.body);
  assert.deepEqual([form.get('secret'), form.get('response'), form.get('remoteip')], [SECRET, GOOD, '127.0.0.1']);
  assert.equal((await server.app().get('config')).status, 200, 'what does nothing of that is asked for none');
  assert.deepEqual(leaksIn(server.log.join('')), []);
});

test('a visitor who is refused uses up no attempt of the account', async (t) => {
  const { url } = await provider(t);
  const server = await testServer(t, {
    ...guarded(url, { actions: ['signup', 'login'] }),
    ACCOUNT_RATE_LIMITS: { login_failed: '1/m/key' },
  });
  const email = newEmail();
  await server.app().signup(email, PASSWORD, { captcha: GOOD });
  for (let tries = 0; tries < 3; tries += 1) {
    const reply = await server.app().post('auth/login', { email, password: 'wr0ng-Turnip', captcha: BAD });
    assert.deepEqual(reply.errorCodes, ['captcha:captcha_failed']);
  }
  assert.equal((await server.app().post('auth/login', { email, password: PASSWORD, captcha: GOOD })).status, 200);
});

test('options: which actions, which member, which pages, which score, no address', async (t) => {
  const { url, asked, state } = await provider(t);
  const options = { actions: ['signup'], param: 'cf-turnstile-response', hostnames: ['app.example.org'], minScore: 0.5, sendIp: false };
  const server = await testServer(t, guarded(url, options));
  const sign = (token: string) => server.app().signup(newEmail(), PASSWORD, { 'cf-turnstile-response': token });
  assert.equal((await sign(GOOD)).status, 200);
  assert.equal(new URLSearchParams(asked[0]?.body).has('remoteip'), false);
  assert.deepEqual((await sign(CROSS)).errorCodes, ['cf-turnstile-response:captcha_failed'], 'a token of another page');
  state.score = 0.4;
  assert.deepEqual((await sign(GOOD)).errorCodes, ['cf-turnstile-response:captcha_failed']);
  assert.deepEqual((await server.app().login(newEmail())).errorCodes, ['password:email_password_mismatch']);
});

for (const mode of ['error', 'page', 'hang', 'our-fault', 'redirect', 'away'] as const) {
  test(`a provider that cannot be asked (${mode}): 503, or let in where failOpen is on; the log tells`, async (t) => {
    const captcha = await provider(t);
    const closed = await testServer(t, guarded(captcha.url, { timeout: 0.3 }));
    const open = await testServer(t, guarded(captcha.url, { timeout: 0.3, failOpen: true }));
    if (mode === 'away') await captcha.stop();
    else captcha.state.mode = mode;
    const refused = await closed.app().signup(newEmail(), PASSWORD, { captcha: GOOD });
    assert.deepEqual([refused.status, refused.json], [503, { status: 503 }]);
    assert.equal((await open.app().signup(newEmail(), PASSWORD, { captcha: GOOD })).status, 200);
    assert.deepEqual((await open.app().signup(newEmail())).errorCodes, ['captcha:required'], 'a token it asks for all the same');
    assert.ok(closed.log.some((line) => /captcha: 127\.0\.0\.1:\d+ .*; the visitor was refused/.test(line)));
    assert.deepEqual(leaksIn([...open.log, ...closed.log].join('')), []);
  });
}

test('by its module path; a login asks for nothing unless it is named', async (t) => {
  const { url } = await provider(t);
  const path = 'allauth-kit/plugins/captcha-account-adapter#CaptchaAccountAdapter';
  const server = await testServer(t, { ACCOUNT_ADAPTER: [path, { url, secret: SECRET }] });
  const email = newEmail();
  assert.deepEqual((await server.app().signup(email)).errorCodes, ['captcha:required']);
  assert.equal((await server.app().signup(email, PASSWORD, { captcha: GOOD })).status, 200);
  assert.equal((await server.browser().login(email)).status, 200);
});

test('options are checked at the start', async (t) => {
  for (const [options, message] of [
    [{}, /secret/],
    [{ secret: SECRET, url: 'http://captcha.example.org/' }, /must start with https/],
    [{ secret: SECRET, provider: 'other' }, /provider/],
    [{ secret: SECRET, actions: ['logout'] }, /actions/],
  ] as const) {
    await assert.rejects(testServer(t, { ACCOUNT_ADAPTER: [CaptchaAccountAdapter, { ...options }] }), message);
  }
});
