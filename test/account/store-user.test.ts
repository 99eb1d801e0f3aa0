import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeUser, type NewAccount } from '../../src/account/flows/store-user.ts';
import { SERVER_ORIGIN } from '../../src/kit/write.ts';
import { UniqueViolation } from '../../src/store/engine/database.ts';
import { listAudit } from '../../src/store/lists/audit.ts';
import { findUserByEmail, findUserByUsername, insertEmail, listEmails } from '../../src/store/users.ts';
import { newEmail } from '../support/clients.ts';
import { testServer } from '../support/server.ts';

function account(more: Partial<NewAccount>): NewAccount {
  return { username: 'ann', passwordHash: null, addresses: [], event: { type: 'user_created', details: {} }, ...more };
}

test('an account has all its addresses, the first as its primary one, and its further rows, or it does not come about', async (t) => {
  const { kit } = await testServer(t);
  const [first, second, third] = [newEmail(), newEmail(), newEmail()];
  const addresses = [
    { email: first, verified: false, unique: true },
    { email: second, verified: true, unique: true },
  ];
  const broken = storeUser(kit, SERVER_ORIGIN, {
    ...account({ addresses }),
    async more({ db }, { id }) {
      await insertEmail(db, { userId: id, email: third, verified: true, primary: false, unique: true });
      throw new Error('further rows fail');
    },
  });
  await assert.rejects(broken, /further rows fail/);
  for (const email of [first, second, third]) assert.equal(await findUserByEmail(kit.db, email), null);
  assert.deepEqual(await listAudit(kit.db, { type: 'user_created' }, { limit: 10, after: null }), []);

  const user = await storeUser(kit, SERVER_ORIGIN, {
    ...account({ addresses }),
    prepare: async ({ id }) => {
      return ({ db }) => insertEmail(db, { userId: id, email: third, verified: false, primary: false, unique: true });
    },
    more: ({ record }, { id }) => Promise.resolve(record('email_added', { userId: id })),
  });
  assert.equal(user.email, first);
  assert.deepEqual(
    (await listEmails(kit.db, user.id)).map(({ email, verified, primary }) => [email, verified, primary]),
    [
      [first, false, true],
      [second, true, false],
      [third, false, false],
    ],
  );
  const events = await listAudit(kit.db, { userId: user.id }, { limit: 10, after: null });
  assert.deepEqual(events.map(({ type, actorId }) => [type, actorId]).sort(), [
    ['email_added', user.id],
    ['user_created', null],
  ]);
});

test('a user name that was made up is made up again while it is taken; one that was given is refused', async (t) => {
  const { kit } = await testServer(t);
  const first = await storeUser(kit, SERVER_ORIGIN, account({}));
  const asked: number[] = [];
  const prepared: string[] = [];
  const second = await storeUser(kit, SERVER_ORIGIN, {
    ...account({}),
    username: (tries) => {
      asked.push(tries);
      return tries < 3 ? 'ANN' : 'ann3';
    },
    prepare: async ({ id, username }) => void prepared.push(`${username} ${id}`),
  });
  assert.deepEqual([second.username, asked], ['ann3', [0, 1, 2, 3]]);
  assert.equal(prepared.at(-1), `ann3 ${second.id}`, 'what is prepared is for the user that is stored');

  const isNameTaken = (error: unknown): boolean => error instanceof UniqueViolation && error.what === 'username';
  await assert.rejects(storeUser(kit, SERVER_ORIGIN, account({})), isNameTaken);
  await assert.rejects(storeUser(kit, SERVER_ORIGIN, account({ username: () => 'ann' })), isNameTaken, 'made up too often');
  assert.equal((await findUserByUsername(kit.db, 'ann'))?.id, first.id);
});

test('an address that another account claims is refused at once, whatever the user name', async (t) => {
  const { kit } = await testServer(t);
  const email = newEmail();
  const addresses = [{ email, verified: true, unique: true }];
  await storeUser(kit, SERVER_ORIGIN, account({ addresses }));
  let tries = 0;
  const again = storeUser(kit, SERVER_ORIGIN, account({ addresses, username: () => `bob${(tries += 1)}` }));
  await assert.rejects(again, (error) => error instanceof UniqueViolation && error.what === 'email');
  assert.equal(tries, 1);
  assert.equal(await findUserByUsername(kit.db, 'bob1'), null);
  const shared = [{ email, verified: false, unique: false }];
  assert.equal((await storeUser(kit, SERVER_ORIGIN, account({ username: 'carl', addresses: shared }))).email, email);
});
