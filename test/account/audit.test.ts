import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from 'allauth-kit';
import type { EventRecord } from '../../src/contracts/records.ts';
import { listEvents } from '../../src/store/events.ts';
import { updateUser } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { digText } from '../support/http.ts';
import { leaksIn } from '../support/secrets.ts';
import { testServer, type TestServer } from '../support/server.ts';

const WRONG = 'not-the-Password-1';
const FROM = { 'X-Real-IP': '203.0.113.7' };
const BEHIND_PROXY: Config = { ALLAUTH_TRUSTED_CLIENT_IP_HEADER: 'X-Real-IP' };

/** All events of accounts so far, oldest first. */
async function eventsOf({ kit }: TestServer): Promise<EventRecord[]> {
  return (await listEvents(kit.db, { limit: 99 })).filter(({ type }) => type !== 'settings_loaded').reverse();
}

test('what happens to an account is in the audit log: who, when, from where, in which session', async (t) => {
  const server = await testServer(t, BEHIND_PROXY);
  for (const kind of ['app', 'browser'] as const) {
    const visit = () => Object.assign(server[kind](), { headers: FROM });
    const first = visit();
    const before = (await eventsOf(server)).length;
    const address = newEmail();
    const userId = digText((await first.signup(address)).data, 'user', 'id');
    await first.logout();
    const client = visit();
    await client.login(address, WRONG);
    await client.login(address);
    await client.post('auth/reauthenticate', { password: WRONG });
    await client.post('auth/reauthenticate', { password: PASSWORD });
    await client.post('account/password/change', { current_password: PASSWORD, new_password: 'fresh-Pass-8-word' });
    const events = (await eventsOf(server)).slice(before);
    assert.deepEqual(
      events.map(({ type, userId: about, ip }) => [type, about, ip]),
      ['signup', 'login', 'logout', 'login_failed', 'login', 'login_failed', 'reauthenticated', 'password_changed'].map((type) => [
        type,
        userId,
        '203.0.113.7',
      ]),
    );
    const [signup, login, logout, failed, second] = events;
    assert.equal(signup?.actorId, userId);
    assert.equal(login?.sid, logout?.sid);
    assert.notEqual(login?.sid, second?.sid);
    assert.equal(failed?.actorId, null, 'nobody knows who that was');
    for (const { createdAt } of events) assert.ok(Math.abs(createdAt - server.clock.now()) < 60);
  }
});

test('a failed login of an unknown address is kept without what was typed', async (t) => {
  const server = await testServer(t, BEHIND_PROXY);
  const app = server.app();
  const typed = `typed-${newEmail()}`;
  await app.post('auth/login', { email: typed, password: WRONG }, { headers: FROM });
  const events = await eventsOf(server);
  assert.deepEqual(
    events.map(({ type, userId, actorId, ip }) => [type, userId, actorId, ip]),
    [['login_failed', null, null, '203.0.113.7']],
  );
  assert.ok(!JSON.stringify(events).includes(typed));
});

test('a login to an account that is not active is a failed one', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const userId = digText((await server.app().signup(email)).data, 'user', 'id');
  await updateUser(server.kit.db, userId, { isActive: false });
  await server.app().login(email);
  const last = (await eventsOf(server)).at(-1);
  assert.deepEqual([last?.type, last?.userId], ['login_failed', userId]);
});

test('bad input and refused signups are no events', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  const before = (await eventsOf(server)).length;
  await server.app().signup(email);
  await server.app().post('auth/login', {});
  await server.app().post('auth/signup', { email: 'nope' });
  await server.app().logout();
  await server.browser().logout();
  assert.equal((await eventsOf(server)).length, before);
});

test('neither the audit log nor the server log holds a password, a hash or a token', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  for (const client of [server.app(), server.browser()]) {
    const address = client.kind === 'app' ? email : newEmail();
    await client.signup(address);
    await client.post('account/password/change', { current_password: PASSWORD, new_password: 'fresh-Pass-8-word' });
    await client.post('auth/login', { email: address, password: 'fresh-Pass-8-word' });
    await client.logout();
    await client.login(address, WRONG);
    await client.login('fresh-Pass-8-word', address);
  }
  const events = JSON.stringify(await eventsOf(server));
  assert.deepEqual(leaksIn(events), []);
  assert.doesNotMatch(events, /argon2/);
  assert.ok(server.log.length > 10);
  assert.deepEqual(leaksIn(server.log.join('')), []);
});
