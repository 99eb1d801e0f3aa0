import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/kit/random.ts';
import { deleteExpired } from '../../src/store/cleanup.ts';
import { raiseCredentials } from '../../src/store/credentials.ts';
import { deleteEmail, lockUser, setPrimaryEmail, verifyEmail } from '../../src/store/emails.ts';
import type { Database } from '../../src/store/engine/database.ts';
import { listUserChanges, readChangePositions } from '../../src/store/user-changes.ts';
import {
  deleteUser,
  insertEmail,
  replacePasswordHash,
  setLastLogin,
  setPassword,
  setUserExtra,
  updateUser,
} from '../../src/store/users.ts';
import { addSession, addUser, DAY, NOW, onEach, open } from './databases.ts';

const changed = async (db: Database, after = 0): Promise<string[]> =>
  (await listUserChanges(db, { after, limit: 100 })).map(({ userId }) => userId);

/** Whether the list says that this user changed by it, and that no other one did. */
async function tells(db: Database, userId: string, change: () => Promise<unknown>): Promise<boolean> {
  const { users } = await readChangePositions(db);
  await change();
  const found = new Set(await changed(db, users));
  assert.ok([...found].every((each) => each === userId));
  return found.size > 0;
}

onEach('whatever is remembered with a session of its user is in the list when it changes, and nothing else', async (db) => {
  const { id: userId } = await addUser(db, { email: `${newId()}@example.org` });
  await addUser(db);
  const other = `${newId()}@example.org`;
  const email = { userId, verified: true, primary: false, unique: true };
  assert.deepEqual(await changed(db), [], 'nobody remembers a user who is new');

  assert.equal(await tells(db, userId, () => setLastLogin(db, userId, NOW, { credentialsVersion: 0 })), false);
  assert.equal(await tells(db, userId, () => addSession(db, { userId })), false);
  assert.equal(await tells(db, userId, () => db.transaction((tx) => lockUser(tx, userId))), false);
  assert.equal(await tells(db, userId, () => updateUser(db, userId, { isActive: true, isStaff: false })), false);
  assert.equal(await tells(db, userId, () => insertEmail(db, { ...email, email: other })), false);
  assert.equal(await tells(db, userId, () => verifyEmail(db, { userId, email: other, unique: true })), false);

  assert.ok(await tells(db, userId, () => updateUser(db, userId, { isStaff: true })));
  assert.ok(await tells(db, userId, () => updateUser(db, userId, { isActive: false })));
  assert.ok(await tells(db, userId, () => setPassword(db, userId, 'another')));
  assert.ok(await tells(db, userId, () => raiseCredentials(db, userId)));
  assert.ok(await tells(db, userId, () => setPassword(db, userId, null)));
  assert.ok(await tells(db, userId, () => setUserExtra(db, userId, { name: 'Ann' })));
  assert.ok(await tells(db, userId, () => db.transaction((tx) => tx.knex('users').where({ id: userId }).update({ username: 'ann' }))));
  assert.ok(await tells(db, userId, () => db.transaction((tx) => setPrimaryEmail(tx, userId, other))));
  assert.ok(
    await tells(db, userId, () => db.transaction((tx) => tx.knex('emails').where({ email: other }).update({ email: 'x@example.org' }))),
  );
  assert.ok(await tells(db, userId, () => deleteUser(db, userId)));
});

onEach('the first address of somebody who has logged in without one is a change, and so is its removal', async (db) => {
  const { id: userId } = await addUser(db);
  await addSession(db, { userId });
  const email = `${newId()}@example.org`;
  assert.ok(await tells(db, userId, () => insertEmail(db, { userId, email, verified: false, primary: true, unique: false })));
  assert.ok(await tells(db, userId, () => deleteEmail(db, userId, email)));
});

onEach('the first password of a new user is no change', async (db) => {
  const { id: userId } = await addUser(db, { passwordHash: null });
  assert.equal(await tells(db, userId, () => replacePasswordHash(db, userId, 'first', null)), false);
  assert.ok(await tells(db, userId, () => replacePasswordHash(db, userId, 'second', 'first')));
});

onEach('a change that is undone is not in the list', async (db) => {
  const { id: userId } = await addUser(db);
  const undone = db.transaction(async (tx) => {
    await updateUser(tx, userId, { isActive: false });
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  assert.deepEqual(await changed(db), []);
});

onEach('changes are deleted after an hour, and no position is given twice', async (db) => {
  const { id: userId } = await addUser(db);
  await updateUser(db, userId, { isStaff: true });
  const before = await readChangePositions(db);
  const rule = { now: Math.floor(Date.now() / 1000), sessionRetention: DAY, auditRetention: DAY, batch: 10 };
  await deleteExpired(db, rule);
  assert.equal((await changed(db)).length, 1);
  assert.equal(await deleteExpired(db, { ...rule, now: rule.now + 3660 }), 1);
  assert.deepEqual(await changed(db), []);
  await updateUser(db, userId, { isStaff: false });
  assert.ok((await readChangePositions(db)).users > before.users);
});

onEach(
  'a transaction that has a position and has not committed holds up those that come after it',
  async (db, t, config) => {
    const other = await open(t, config);
    const [slow, quick] = [await addUser(db), await addUser(db)];
    let [numbered, leave] = [(): void => undefined, (): void => undefined];
    const hasNumber = new Promise<void>((resolve) => (numbered = resolve));
    const mayCommit = new Promise<void>((resolve) => (leave = resolve));
    const first = db.transaction(async (tx) => {
      await updateUser(tx, slow.id, { isStaff: true }); // a deactivation takes the lock for its sessions too
      await tx.knex.raw('SET CONSTRAINTS ALL IMMEDIATE'); // gives the position now, not with the commit
      numbered();
      await mayCommit;
    });
    await hasNumber;
    let isDone = false;
    const second = updateUser(other, quick.id, { isStaff: true }).then(() => (isDone = true));
    const waits = async (): Promise<boolean> => {
      const { rows } = await db.knex.raw<{ rows: unknown[] }>(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${4_720_114_958 % 2 ** 32}
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rows.length > 0;
    };
    while (!(await waits()) && !isDone) await sleep(5);
    assert.equal(isDone, false);
    leave();
    await Promise.all([first, second]);
    assert.deepEqual(await changed(db), [slow.id, quick.id]);
  },
  ['postgresql'],
);
