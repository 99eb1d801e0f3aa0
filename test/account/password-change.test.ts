import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail, PASSWORD, type AppClient } from '../support/clients.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const NEW = 'fresh-Pass-8-word';

function change(app: AppClient, current: unknown, next: unknown, auth: 'session' | 'bearer' = 'session'): Promise<Reply> {
  return app.post('account/password/change', { current_password: current, new_password: next }, { auth });
}

test('the current password is asked for, and the new one is checked', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  assert.equal((await change(app, PASSWORD, NEW)).status, 401);
  const email = newEmail();
  await app.signup(email);
  const { sessionToken } = app;
  assert.deepEqual((await change(app, undefined, undefined)).errorCodes, ['current_password:required', 'new_password:required']);
  assert.deepEqual((await change(app, undefined, NEW)).errorCodes, ['current_password:required']);
  assert.deepEqual((await change(app, PASSWORD, ' ')).errorCodes, ['new_password:required']);
  assert.deepEqual((await change(app, `${PASSWORD}x`, NEW)).errorCodes, ['current_password:enter_current_password']);
  assert.deepEqual((await change(app, `${PASSWORD}x`, 'sh0rt~q')).errorCodes, [
    'current_password:enter_current_password',
    'new_password:password_too_short',
  ]);
  assert.deepEqual((await change(app, 5, ['x'])).errorCodes, ['current_password:invalid', 'new_password:invalid']);
  assert.equal(app.sessionToken, sessionToken);
  assert.equal((await server.app().login(email)).status, 200, 'nothing has changed');
});

test('a change gives the session another sid and token; what was issued before is dead', async (t) => {
  for (const stateful of [false, true]) {
    const server = await testServer(t, { HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: stateful });
    const email = newEmail();
    const app = server.app();
    await app.signup(email);
    const old = { sessionToken: app.sessionToken, accessToken: app.accessToken, refreshToken: app.refreshToken };
    const reply = await change(app, PASSWORD, NEW, 'bearer');
    assert.equal(reply.status, 200);
    assert.equal(dig(reply.data, 'user', 'email'), email);
    assert.deepEqual(Object.keys(reply.meta as object).sort(), ['is_authenticated', 'session_token'], 'no new pair');
    assert.notEqual(app.sessionToken.split('.')[0], old.sessionToken.split('.')[0]);
    assert.equal((await app.session({ auth: 'session', sessionToken: old.sessionToken })).status, 410);
    assert.equal((await app.session({ auth: 'bearer', accessToken: old.accessToken })).status, stateful ? 401 : 410);
    const refused = await app.refresh(old.refreshToken);
    assert.deepEqual([refused.status, refused.json], [400, { status: 400 }]);
    assert.equal((await app.session({ auth: 'session' })).status, 200);
    const list = (await app.get('auth/sessions', { auth: 'session' })).data;
    assert.ok(Array.isArray(list) && list.length === 1);
    assert.equal((await server.app().login(email)).status, 400);
    assert.equal((await server.app().login(email, NEW)).status, 200);
  }
});

test('a browser goes on with another cookie', async (t) => {
  const server = await testServer(t);
  const browser = server.browser();
  await browser.signup(newEmail());
  const old = browser.cookies.get('sessionid') ?? '';
  const reply = await browser.post('account/password/change', { current_password: PASSWORD, new_password: NEW });
  assert.deepEqual([reply.status, reply.meta], [200, { is_authenticated: true }]);
  assert.notEqual(browser.cookies.get('sessionid'), old);
  assert.equal((await browser.session()).status, 200);
  const thief = server.browser();
  thief.cookies.set('sessionid', old);
  assert.equal((await thief.session()).status, 401);
});

test("the user's other sessions end, those of others do not", async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, other, browser, stranger] = [server.app(), server.app(), server.browser(), server.app()];
  await app.signup(email);
  await other.login(email);
  await browser.login(email);
  await stranger.signup(newEmail());
  assert.equal((await change(app, PASSWORD, NEW)).status, 200);
  assert.ok([401, 410].includes((await other.session({ auth: 'session' })).status));
  assert.equal((await other.session({ auth: 'session' })).status, 410);
  assert.equal((await other.refresh()).status, 400);
  assert.equal((await browser.session()).status, 401);
  assert.equal((await stranger.session()).status, 200);
  assert.equal((await stranger.refresh()).status, 200);
});

test('ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE ends this session too', async (t) => {
  const server = await testServer(t, { ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE: true });
  const email = newEmail();
  const app = server.app();
  await app.signup(email);
  const reply = await change(app, PASSWORD, NEW);
  assert.equal(reply.status, 401);
  assert.deepEqual(reply.meta, { is_authenticated: false });
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.refresh()).status, 400);
  const browser = server.browser();
  await browser.login(email, NEW);
  assert.equal((await browser.post('account/password/change', { current_password: NEW, new_password: PASSWORD })).status, 401);
  assert.equal(browser.cookies.has('sessionid'), false);
  assert.equal((await browser.login(email)).status, 200);
});

test('of two changes at once one wins', async (t) => {
  const server = await testServer(t);
  for (let round = 0; round < 3; round += 1) {
    const email = newEmail();
    const [one, two] = [server.app(), server.app()];
    await one.signup(email);
    await two.login(email);
    const passwords = [`${NEW}-1`, `${NEW}-2`] as const;
    const replies = await Promise.all([change(one, PASSWORD, passwords[0]), change(two, PASSWORD, passwords[1])]);
    const won = replies.map(({ status }) => status === 200);
    assert.deepEqual([...won].sort(), [false, true], replies.map(({ text }) => text).join('\n'));
    for (const { status } of replies) assert.ok([200, 400, 401, 409, 410].includes(status), String(status));
    for (const [index, password] of passwords.entries()) {
      assert.equal((await server.app().login(email, password)).status, won[index] ? 200 : 400);
    }
    assert.equal((await server.app().login(email)).status, 400);
  }
});

test('of two changes at once in one session one wins, and the session goes on', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  const replies = await Promise.all([1, 2].map((index) => change(app, PASSWORD, `${NEW}-${index}`)));
  assert.equal(replies.filter(({ status }) => status === 200).length, 1, replies.map(({ text }) => text).join('\n'));
  assert.equal((await app.session({ auth: 'session' })).status, 200);
});

test('a user without a password sets the first one, with or without ACCOUNT_REAUTHENTICATION_REQUIRED', async (t) => {
  for (const required of [false, true]) {
    const server = await testServer(t, {
      ACCOUNT_SIGNUP_FIELDS: ['email*', 'password1'],
      ACCOUNT_REAUTHENTICATION_REQUIRED: required,
    });
    const email = newEmail();
    const app = server.app();
    await app.post('auth/signup', { email });
    server.clock.advance(1000);
    assert.deepEqual((await change(app, undefined, '')).errorCodes, ['new_password:required']);
    const reply = await change(app, undefined, NEW);
    assert.equal(reply.status, 200);
    assert.equal(dig(reply.data, 'user', 'has_usable_password'), true);
    assert.equal((await server.app().login(email, NEW)).status, 200);
    assert.deepEqual((await change(app, undefined, PASSWORD)).errorCodes, ['current_password:required']);
  }
});

test('ACCOUNT_REAUTHENTICATION_REQUIRED does not ask twice for the password', async (t) => {
  const server = await testServer(t, { ACCOUNT_REAUTHENTICATION_REQUIRED: true });
  const app = server.app();
  await app.signup(newEmail());
  server.clock.advance(100_000);
  assert.equal((await change(app, PASSWORD, NEW)).status, 200, 'the current password is proof enough');
});
