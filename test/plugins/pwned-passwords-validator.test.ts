import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { PwnedPasswordsValidator } from '../../plugins/pwned-passwords-validator.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { leaksIn, secret } from '../support/secrets.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { answeringServer } from './answering.ts';

const BREACHED = 'oft-Stolen-walnut-5';
const HASH = createHash('sha1').update(BREACHED).digest('hex').toUpperCase();
const GOOD = 'never-Stolen-walnut-5';
secret(BREACHED, GOOD, HASH, HASH.slice(5), HASH.toLowerCase());

type Mode = 'range' | 'hang' | 'error' | 'page' | 'redirect' | 'half';

/** Ranges as api.pwnedpasswords.com gives them, padded; or a server that misbehaves. */
async function ranges(t: TestContext, count = 3) {
  const state: { mode: Mode } = { mode: 'range' };
  const server = await answeringServer(t, ({ path }, response) => {
    if (state.mode === 'hang') return;
    if (state.mode === 'error') return void response.writeHead(503).end('busy');
    if (state.mode === 'page') return void response.writeHead(200).end('<html>Please log in</html>');
    if (state.mode === 'redirect') return void response.writeHead(302, { location: '/elsewhere' }).end();
    if (state.mode === 'half') return void response.writeHead(200, { 'content-length': '9999' }).write(`${'A'.repeat(35)}:1\r\n`);
    const padding = [`${'0'.repeat(34)}1:4`, `${'F'.repeat(35)}:0`];
    const own = path === `/${HASH.slice(0, 5)}` ? [`${HASH.slice(5)}:${count}`] : [];
    response.writeHead(200).end([...padding, ...own].join('\r\n'));
  });
  return { ...server, state };
}

function using(url: string, options: object = {}): Config {
  return { AUTH_PASSWORD_VALIDATORS: [[PwnedPasswordsValidator, { url, ...options }]] };
}

async function refusesBreached(server: TestServer): Promise<void> {
  const reply = await server.app().signup(newEmail(), BREACHED);
  assert.deepEqual([reply.status, ...reply.errorCodes], [400, 'password:password_breached']);
}

test('a breached password is refused at signup, change and reset; asked is a prefix of five, with padding', async (t) => {
  const { url, asked } = await ranges(t);
  const server = await testServer(t, using(url));
  await refusesBreached(server);
  const email = newEmail();
  const app = server.app();
  assert.equal((await app.signup(email, GOOD)).status, 200);
  const change = await app.post('account/password/change', { current_password: GOOD, new_password: BREACHED });
  assert.deepEqual(change.errorCodes, ['new_password:password_breached']);
  assert.equal((await server.mail.wait(email)).to, email); // of the signup
  await server.app().post('auth/password/request', { email });
  const { key } = await server.mail.wait(email);
  const reset = await server.app().post('auth/password/reset', { key, password: BREACHED });
  assert.deepEqual(reset.errorCodes, ['password:password_breached']);
  assert.equal(asked.length, 4, 'each new password was asked for once, and no login was');
  for (const { path, headers, body } of asked) {
    assert.match(path, /^\/[0-9A-F]{5}$/);
    assert.deepEqual([headers['add-padding'], headers['user-agent'], body], ['true', 'allauth-kit', '']);
  }
  assert.deepEqual(leaksIn(server.log.join('')), []);
});

test('lines of padding are no finds, and a threshold lets rare ones pass', async (t) => {
  const padded = await ranges(t, 0);
  assert.equal((await (await testServer(t, using(padded.url))).app().signup(newEmail(), BREACHED)).status, 200);
  const rare = await ranges(t, 9);
  assert.equal((await (await testServer(t, using(rare.url, { threshold: 10 }))).app().signup(newEmail(), BREACHED)).status, 200);
  await refusesBreached(await testServer(t, using(rare.url, { threshold: 9 })));
});

for (const mode of ['error', 'page', 'redirect', 'half', 'hang', 'away'] as const) {
  test(`a server that cannot be asked (${mode}): the password is taken and a line is logged, or refused where failOpen is off`, async (t) => {
    const mirror = await ranges(t);
    const open = await testServer(t, using(mirror.url, { timeout: 0.3 }));
    const closed = await testServer(t, using(mirror.url, { timeout: 0.3, failOpen: false }));
    if (mode === 'away') await mirror.stop();
    else mirror.state.mode = mode;
    const email = newEmail();
    assert.equal((await open.app().signup(email, BREACHED)).status, 200);
    assert.ok(open.log.some((line) => /127\.0\.0\.1:\d+ .*taken without the check/.test(line)));
    const refused = await closed.app().signup(email, BREACHED);
    assert.deepEqual([refused.status, ...refused.errorCodes], [503, ':unavailable']);
    assert.equal((await closed.app().login(email, BREACHED)).status, 400, 'no account was made');
    assert.deepEqual(leaksIn([...open.log, ...closed.log].join('')), []);
  });
}

test('weak by other validators too: all is told at once', async (t) => {
  const { url } = await ranges(t);
  const { AUTH_PASSWORD_VALIDATORS: pwned = [] } = using(url);
  const similar = 'django.contrib.auth.password_validation.UserAttributeSimilarityValidator';
  const server = await testServer(t, { AUTH_PASSWORD_VALIDATORS: [similar, ...pwned] });
  const reply = await server.app().signup(`${BREACHED.toLowerCase()}@example.org`, BREACHED);
  assert.deepEqual(reply.errorCodes, ['password:password_breached', 'password:password_too_similar']);
});

test('options are checked at the start', async (t) => {
  for (const [options, message] of [
    [{ url: 'http://mirror.example.org/' }, /must start with https/],
    [{ timeout: 60 }, /timeout/],
    [{ fail_open: true }, /fail_open/],
  ] as const) {
    const config: Config = { AUTH_PASSWORD_VALIDATORS: [[PwnedPasswordsValidator, { ...options }]] };
    await assert.rejects(testServer(t, config), message);
  }
  const { log } = await testServer(t, {
    AUTH_PASSWORD_VALIDATORS: ['allauth-kit/plugins/pwned-passwords-validator#PwnedPasswordsValidator'],
  });
  assert.ok(!log.some((line) => line.includes(PASSWORD)));
});
