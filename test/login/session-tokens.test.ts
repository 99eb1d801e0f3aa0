import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

/** Changes the character at a place. */
function alter(text: string, at: number): string {
  const index = at < 0 ? text.length + at : at;
  return `${text.slice(0, index)}${text[index] === 'a' ? 'b' : 'a'}${text.slice(index + 1)}`;
}

test('a session token that was changed anywhere opens nothing', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  const [sid = '', key = ''] = app.sessionToken.split('.');
  const wrong = [
    `${alter(sid, 0)}.${key}`,
    `${sid}.${alter(key, 0)}`,
    `${sid}.${alter(key, 20)}`,
    `${sid}.${key}a`,
    `${sid}.${key.slice(0, -1)}`,
    `${sid}.${key}.`,
    `${sid}.`,
    sid,
    `.${key}`,
    key,
    `${key}.${sid}`,
    `${sid}.${key}.${key}`,
    `${sid}.${key}, ${sid}.${key}`,
    '.',
    '..',
    'null',
    'x'.repeat(5000),
    `${sid}.' OR '1'='1`,
    `${sid}.%`,
    `${app.sessionToken};`,
  ];
  for (const sessionToken of wrong) {
    for (const path of ['auth/session', 'config']) {
      assert.equal((await app.get(path, { auth: 'session', sessionToken })).status, 410, sessionToken.slice(0, 100));
    }
  }
  assert.equal((await app.session({ auth: 'session' })).status, 200, 'the right one still does');
});

test('the session token wins over the access token, also where it is no good', async (t) => {
  const server = await testServer(t);
  const [app, other] = [server.app(), server.app()];
  await app.signup(newEmail());
  await other.signup(newEmail());
  const both = await app.session({ auth: 'both', sessionToken: other.sessionToken });
  assert.deepEqual(both.data, (await other.session()).data);
  for (const path of ['auth/session', 'config']) {
    assert.equal((await app.get(path, { auth: 'both', sessionToken: 'nonsense' })).status, 410, path);
  }
  const refresh = { refresh_token: app.refreshToken };
  assert.equal((await app.post('tokens/refresh', refresh, { auth: 'session', sessionToken: 'nonsense' })).status, 410);
  assert.equal((await app.post('tokens/refresh', refresh, { auth: 'none' })).status, 200, 'and spent nothing');
});

test('a bad access token counts as none', async (t) => {
  const server = await testServer(t);
  const app = server.app();
  await app.signup(newEmail());
  for (const accessToken of ['nonsense', alter(app.accessToken, -10), app.refreshToken, app.sessionToken, `${app.accessToken} x`]) {
    assert.equal((await app.session({ auth: 'bearer', accessToken })).status, 401);
    assert.equal((await app.get('config', { auth: 'bearer', accessToken })).status, 200);
  }
  for (const Authorization of [`Basic ${app.accessToken}`, app.accessToken, 'Bearer', 'Bearer ', `Bearer,${app.accessToken}`]) {
    assert.equal((await app.session({ auth: 'none', headers: { Authorization } })).status, 401, Authorization.slice(0, 10));
  }
});

test('tokens of one kind of client are none of the other', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(email);
  await browser.login(email);
  const cookie = browser.cookies.get('sessionid') ?? '';
  assert.equal((await server.app().session({ auth: 'session', sessionToken: cookie })).status, 410, "a browser's cookie as session token");
  assert.equal((await server.app().session({ headers: { Cookie: `sessionid=${cookie}` } })).status, 401, 'cookies are not looked at');
  const stranger = server.browser();
  stranger.cookies.set('sessionid', app.sessionToken);
  assert.equal((await stranger.session()).status, 401, "an app's session token as cookie");
  for (const headers of [{ 'X-Session-Token': app.sessionToken }, { Authorization: `Bearer ${app.accessToken}` }]) {
    assert.equal((await server.browser().session({ headers })).status, 401);
    assert.equal((await server.browser().get('account/email', { headers })).status, 401);
    assert.equal((await browser.session({ headers: { 'X-Session-Token': 'nonsense' } })).status, 200);
  }
  const raw = await browser.get('/_allauth/app/v1/auth/session');
  assert.equal(raw.status, 401, 'the cookie means nothing on the paths for apps');
});

test('the database holds no session token: its dump opens nothing', async (t) => {
  const server = await testServer(t);
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(newEmail());
  await browser.signup(newEmail());
  const { knex } = server.kit.db;
  const dump: Record<string, unknown[]> = {};
  for (const table of ['users', 'emails', 'sessions', 'refresh_tokens', 'reference_tokens', 'events']) {
    dump[table] = (await knex(table).select('*')) as unknown[];
  }
  const text = JSON.stringify(dump);
  assert.equal(dump['sessions']?.length, 2);
  for (const token of [app.sessionToken, browser.cookies.get('sessionid') ?? '']) {
    const [sid = '', key = ''] = token.split('.');
    assert.ok(text.includes(sid), 'the public half is there');
    assert.ok(key.length >= 32 && !text.includes(key));
  }
  for (const token of [app.accessToken, app.refreshToken]) assert.ok(!text.includes(token.slice(token.lastIndexOf('.') + 1)));
  for (const { token_hash: hash, sid } of dump['sessions'] as { token_hash: string; sid: string }[]) {
    assert.match(hash, /^[\da-f]{64}$/);
    assert.equal((await app.session({ auth: 'session', sessionToken: `${sid}.${hash}` })).status, 410, 'nor does the hash');
  }
});
