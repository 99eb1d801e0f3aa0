import assert from 'node:assert/strict';
import { newId } from '../../src/kit/random.ts';
import { InvalidText, UniqueViolation } from '../../src/store/engine/database.ts';
import {
  countStaff,
  deleteUser,
  findPasswordHash,
  findUser,
  findUserByEmail,
  findUserByUsername,
  insertEmail,
  insertUser,
  listEmails,
  listUsers,
  setLastLogin,
  setPassword,
  replacePasswordHash,
  updateUser,
} from '../../src/store/users.ts';
import { addUser, NOW, onEach } from './databases.ts';

const isTaken = (what: string) => (error: unknown) => error instanceof UniqueViolation && error.what === what && error.cause === undefined;

onEach('a user comes back as it was stored', async (db) => {
  const user = await addUser(db, { username: 'Zoë 🦊', passwordHash: null, isStaff: true, email: 'zoë@exämple.org' });
  assert.deepEqual(await findUser(db, user.id), user);
  assert.deepEqual(await findUserByEmail(db, 'zoë@exämple.org'), user);
  assert.deepEqual(await findUserByUsername(db, 'ZOË 🦊'), user);
  assert.equal(await findUser(db, newId()), null);
  assert.equal(await findUserByEmail(db, 'ZOË@exämple.org'), null);
  assert.equal(await findUserByUsername(db, 'zo%'), null);
});

onEach('usernames are unique whatever their case and composition', async (db) => {
  await addUser(db, { username: 'Rene\u0301' });
  await assert.rejects(addUser(db, { username: 'RENÉ' }), isTaken('username'));
});

onEach('one of many signups of one name and one of one address wins', async (db) => {
  const names = await Promise.allSettled(Array.from({ length: 8 }, () => addUser(db, { username: 'anna' })));
  assert.equal(names.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of names) assert.ok(one.status === 'fulfilled' || isTaken('username')(one.reason));

  const signups = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => db.transaction((tx) => addUser(tx, { username: `b${index}`, email: 'b@example.org' }))),
  );
  assert.equal(signups.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of signups) assert.ok(one.status === 'fulfilled' || isTaken('email')(one.reason));
  const left = (await listUsers(db, { limit: 50 })).filter(({ username }) => username.startsWith('b'));
  assert.equal(left.length, 1, 'the losers left no user behind');
});

onEach('an address that is not claimed may have several owners: verified, then claimed, then oldest is found', async (db) => {
  const [a, b, c] = [await addUser(db), await addUser(db), await addUser(db)];
  const email = 'shared@example.org';
  await insertEmail(db, { userId: a.id, email, verified: false, primary: true, unique: false });
  assert.equal((await findUserByEmail(db, email))?.id, a.id);
  await insertEmail(db, { userId: b.id, email, verified: false, primary: false, unique: true });
  assert.equal((await findUserByEmail(db, email))?.id, b.id);
  assert.equal((await findUserByEmail(db, email))?.email, null, 'email is the primary one');
  await insertEmail(db, { userId: c.id, email, verified: true, primary: true, unique: false });
  assert.equal((await findUserByEmail(db, email))?.id, c.id);
  const again = { userId: c.id, email, verified: true, primary: false, unique: false };
  await assert.rejects(insertEmail(db, again), isTaken('email'));
  await assert.rejects(insertEmail(db, { ...again, userId: a.id, unique: true }), isTaken('email'));
});

onEach('addresses: the primary one first; one primary at most; none without a user', async (db) => {
  const { id: userId } = await addUser(db);
  const email = { userId, verified: false, unique: true };
  await insertEmail(db, { ...email, email: 'one@example.org', primary: false });
  await insertEmail(db, { ...email, email: 'two@example.org', primary: true });
  assert.deepEqual(
    (await listEmails(db, userId)).map(({ email, primary, verified, userId: of }) => ({ email, primary, verified, of })),
    [
      { email: 'two@example.org', primary: true, verified: false, of: userId },
      { email: 'one@example.org', primary: false, verified: false, of: userId },
    ],
  );
  await assert.rejects(insertEmail(db, { ...email, email: 'three@example.org', primary: true }), UniqueViolation);
  await assert.rejects(insertEmail(db, { ...email, userId: newId(), email: 'four@example.org', primary: true }), (error: Error) => {
    assert.ok(!JSON.stringify({ ...error }).includes('four@example.org'), 'errors quote no rows');
    return /foreign key/i.test(error.message);
  });
});

onEach('users are listed by keyset', async (db) => {
  const ids = [];
  for (let index = 0; index < 5; index++) ids.push((await addUser(db, { email: `${index}@example.org` })).id);
  const first = await listUsers(db, { limit: 2 });
  assert.deepEqual(
    first.map(({ id, email }) => [id, email]),
    [
      [ids[0], '0@example.org'],
      [ids[1], '1@example.org'],
    ],
  );
  const rest = await listUsers(db, { limit: 10, afterId: ids[1] ?? '' });
  assert.deepEqual(
    rest.map(({ id }) => id),
    ids.slice(2),
  );
});

onEach('a password is replaced only while it is the expected one', async (db) => {
  const { id } = await addUser(db, { passwordHash: null });
  assert.equal(await setPassword(db, id, 'one', { from: 7 }), null);
  assert.equal(await setPassword(db, id, 'one', { from: 0 }), 1);
  const raced = await Promise.all(['two', 'three', 'four'].map((hash) => setPassword(db, id, hash, { from: 1 })));
  assert.deepEqual(
    raced.filter((version) => version !== null),
    [2],
  );
  await replacePasswordHash(db, id, 'upgraded', 'not that one');
  assert.notEqual(await findPasswordHash(db, id), 'upgraded');
  await replacePasswordHash(db, id, 'upgraded', await findPasswordHash(db, id));
  const upgraded = await findUser(db, id);
  assert.deepEqual(
    [await findPasswordHash(db, id), upgraded?.credentialsVersion],
    ['upgraded', 2],
    'the same password: no other credentials',
  );
  assert.equal(await setPassword(db, id, null), 3);
  assert.deepEqual([await findPasswordHash(db, id), (await findUser(db, id))?.hasPassword], [null, false]);
  assert.equal(await setPassword(db, newId(), 'one'), null);
});

onEach('changes of a user', async (db) => {
  const { id } = await addUser(db);
  assert.equal(await countStaff(db), 0);
  assert.equal(await updateUser(db, id, { isStaff: true }), true);
  assert.equal(await countStaff(db), 1);
  assert.equal(await setLastLogin(db, id, NOW + 1, { credentialsVersion: 0 }), true);
  assert.equal(await setLastLogin(db, id, NOW + 2, { credentialsVersion: 1 }), false, 'proved under other credentials');
  assert.equal(await updateUser(db, id, { isActive: false }), true);
  assert.equal(await countStaff(db), 0);
  assert.equal(await setLastLogin(db, id, NOW + 2, { credentialsVersion: 1 }), false, 'nobody who is not active logs in');
  const user = await findUser(db, id);
  assert.deepEqual([user?.isActive, user?.isStaff, user?.lastLoginAt], [false, true, NOW + 1]);
  await updateUser(db, id, { isActive: true });
  assert.equal(await deleteUser(db, id), true);
  assert.equal(await deleteUser(db, id), false);
  assert.equal(await updateUser(db, newId(), { isActive: true }), false);
});

onEach(
  'text that PostgreSQL cannot hold is refused by name',
  async (db) => {
    const user = { id: newId(), username: 'nul\0', passwordHash: null, isActive: true, isStaff: false, createdAt: NOW };
    await assert.rejects(insertUser(db, user), InvalidText);
    await assert.rejects(findUserByUsername(db, '\0'), InvalidText);
    assert.equal(await findUserByUsername(db, '\ud800'), null);
  },
  ['postgresql'],
);
