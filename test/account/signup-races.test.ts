import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/store/engine/statements.ts';
import { listUsers } from '../../src/store/users.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { dig, type Reply } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const BREAK_EVENTS = statement('test_signup_break', 'ALTER TABLE events RENAME TO events_away');
const MEND_EVENTS = statement('test_signup_mend', 'ALTER TABLE events_away RENAME TO events');

async function addressesOf(server: TestServer): Promise<unknown[]> {
  return server.kit.db.knex('emails').pluck('email') as Promise<unknown[]>;
}

/** One of them made the account, the others heard that the address is taken. */
async function assertOneAccount(server: TestServer, email: string, replies: readonly Reply[]): Promise<void> {
  const made = replies.filter(({ status }) => status === 200);
  assert.equal(made.length, 1, replies.map(({ text }) => text).join('\n'));
  for (const reply of replies) {
    if (reply.status !== 200) assert.deepEqual([reply.status, ...reply.errorCodes], [400, 'email:email_taken']);
  }
  assert.deepEqual(await addressesOf(server), [email]);
  assert.equal((await listUsers(server.kit.db, { limit: 99 })).length, 1, 'no user without an address is left');
}

for (const count of [2, 20]) {
  test(`${count} signups for one address at once make one account`, async (t) => {
    const server = await testServer(t);
    const email = newEmail();
    const spellings = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? email : email.toUpperCase()));
    await assertOneAccount(server, email, await Promise.all(spellings.map((each) => server.app().signup(each))));
    assert.equal((await server.app().login(email)).status, 200);
  });
}

test('signups for one address over two servers on one database make one account', async (t) => {
  const DATABASE = await testDatabase(t);
  const servers = [await testServer(t, { DATABASE }), await testServer(t, { DATABASE })] as const;
  const email = newEmail();
  const clients = servers.flatMap((server) => [server.app(), server.app(), server.app(), server.app()]);
  await assertOneAccount(servers[0], email, await Promise.all(clients.map((client) => client.signup(email))));
});

test('signups for one name at once make one account', async (t) => {
  const server = await testServer(t, {
    ACCOUNT_SIGNUP_FIELDS: ['username*', 'email*', 'password1*'],
    ACCOUNT_LOGIN_METHODS: ['username'],
  });
  const replies = await Promise.all(
    ['zoe', 'Zoe', 'ZOE', 'zoE'].map((username) => server.app().signup(newEmail(), PASSWORD, { username })),
  );
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  for (const reply of replies) if (reply.status !== 200) assert.deepEqual(reply.errorCodes, ['username:username_taken']);
  assert.equal((await addressesOf(server)).length, 1);
});

test('an address is taken in whatever case it is written', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const first = await server.app().signup(email.toUpperCase());
  assert.equal(dig(first.data, 'user', 'email'), email, 'kept in lower case');
  for (const again of [email, email.toUpperCase(), ` ${email}\t`]) {
    assert.deepEqual((await server.browser().signup(again)).errorCodes, ['email:email_taken']);
  }
});

test('all that is wrong with a signup is told at once', async (t) => {
  const server = await testServer(t, { ACCOUNT_SIGNUP_FIELDS: ['username*', 'email*', 'password1*'] });
  const email = newEmail();
  await server.app().signup(email, PASSWORD, { username: 'Zoe' });
  const reply = await server.app().signup(email, 'zoe-zoe-zoe', { username: 'zoe' });
  assert.deepEqual(reply.errorCodes, ['email:email_taken', 'username:username_taken']);
  const weak = await server.app().signup(email, `${email.split('@')[0]}`, { username: 'other' });
  assert.deepEqual(weak.errorCodes, ['email:email_taken', 'password:password_too_similar']);
});

test('one address may have several accounts where ACCOUNT_UNIQUE_EMAIL is off', async (t) => {
  const server = await testServer(t, { ACCOUNT_UNIQUE_EMAIL: false });
  const email = newEmail();
  const passwords = ['one', 'two', 'three'].map((each) => `${each}-${PASSWORD}`);
  const replies = await Promise.all(passwords.map((password) => server.app().signup(email, password)));
  for (const reply of replies) assert.equal(reply.status, 200);
  assert.equal(new Set(replies.map(({ data }) => dig(data, 'user', 'id'))).size, 3);
  assert.deepEqual(await addressesOf(server), [email, email, email]);
  for (const [index, password] of passwords.entries()) {
    const { status, data } = await server.app().login(email, password);
    assert.equal(status, 200);
    assert.equal(dig(data, 'user', 'id'), dig(replies[index]?.data, 'user', 'id'), 'the password tells whose login it is');
  }
  assert.deepEqual((await server.app().login(email)).errorCodes, ['password:email_password_mismatch']);
});

test('a signup that fails in the middle leaves nothing behind', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.kit.db.write(BREAK_EVENTS, []);
  const failed = await server.app().signup(email);
  assert.equal(failed.status, 500);
  assert.deepEqual(failed.json, { status: 500 });
  await server.kit.db.write(MEND_EVENTS, []);
  assert.deepEqual(await listUsers(server.kit.db, { limit: 9 }), []);
  assert.deepEqual(await addressesOf(server), []);
  assert.equal((await server.app().signup(email)).status, 200, 'and keeps nobody from trying again');
});
