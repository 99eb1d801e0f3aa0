import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { AppClient, BrowserClient } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { testServer, type TestServer } from '../support/server.ts';

async function twoServers(t: TestContext): Promise<[TestServer, TestServer]> {
  const DATABASE = await testDatabase(t);
  return [await testServer(t, { DATABASE }), await testServer(t, { DATABASE })];
}

/** The same app, talking to another server. */
function moved(app: AppClient, to: TestServer): AppClient {
  const { sessionToken, accessToken, refreshToken } = app;
  return Object.assign(to.app(), { sessionToken, accessToken, refreshToken });
}

test('what one server has handed out is good at the other, until it ends there', async (t) => {
  const [one, two] = await twoServers(t);
  const app = one.app();
  await app.signup(newEmail());
  const there = moved(app, two);
  for (const auth of ['session', 'bearer'] as const) assert.equal((await there.session({ auth })).status, 200, auth);
  assert.equal((await there.refresh()).status, 200);
  assert.equal((await there.logout()).status, 401);
  assert.equal((await app.session({ auth: 'session' })).status, 410);
  assert.equal((await app.session({ auth: 'bearer' })).status, 410);
});

test('a browser may change servers between two requests', async (t) => {
  const [one, two] = await twoServers(t);
  const here = one.browser();
  await here.signup(newEmail());
  const there = new BrowserClient({ url: two.url });
  for (const [name, value] of here.cookies) there.cookies.set(name, value);
  assert.equal((await there.session()).status, 200);
  assert.equal((await there.post('auth/reauthenticate', { password: PASSWORD })).status, 200);
  assert.equal((await there.logout()).status, 401);
  assert.equal((await here.session()).status, 401);
});

test('of refreshes with one token over both servers at once one wins', async (t) => {
  const [one, two] = await twoServers(t);
  const app = one.app();
  await app.signup(newEmail());
  const clients = [app, moved(app, two), moved(app, one), moved(app, two)];
  const replies = await Promise.all(clients.map((client) => client.refresh()));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 400, 400, 400]);
});

test('of password changes over both servers at once one wins', async (t) => {
  const [one, two] = await twoServers(t);
  const email = newEmail();
  const [here, there] = [one.app(), two.app()];
  await here.signup(email);
  await there.login(email);
  const passwords = ['fresh-Pass-8-word-1', 'fresh-Pass-8-word-2'];
  const replies = await Promise.all(
    [here, there].map((client, index) =>
      client.post('account/password/change', { current_password: PASSWORD, new_password: passwords[index] }, { auth: 'session' }),
    ),
  );
  const won = replies.map(({ status }) => status === 200);
  assert.deepEqual([...won].sort(), [false, true], replies.map(({ text }) => text).join('\n'));
  for (const [index, password] of passwords.entries()) {
    assert.equal((await two.app().login(email, password)).status, won[index] ? 200 : 400);
  }
});

test('one server that stops leaves the other working', async (t) => {
  const [one, two] = await twoServers(t);
  const app = one.app();
  await app.signup(newEmail());
  await one.close();
  assert.equal((await moved(app, two).session()).status, 200);
  assert.equal((await two.app().signup(newEmail())).status, 200);
});
