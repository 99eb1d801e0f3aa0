import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UniqueViolation, type Database } from '../../../src/store/engine/database.ts';
import { statement } from '../../../src/store/engine/statements.ts';
import { findPasswordHash, findUser, findUserByUsername, insertUser, listUsers, setPassword } from '../../../src/store/users.ts';
import { findSession } from '../../../src/store/sessions.ts';
import { addSession, addUser, NOW, onEach } from '../databases.ts';

const RENAME = statement('test_rename', 'UPDATE users SET username = ?2, username_key = ?2 WHERE id = ?1 RETURNING username');

const WRONG = statement('test_wrong', 'UPDATE users SET nothing = 1');

function rename(id: string, name: string): { statement: typeof RENAME; values: string[] } {
  return { statement: RENAME, values: [id, name] };
}

onEach('a write that fails among others at the same time fails alone', async (db) => {
  await addUser(db, { username: 'taken' });
  const writes = Array.from({ length: 100 }, (_, index) => addUser(db, { username: index % 5 === 3 ? 'taken' : `free-${index}` }));
  const results = await Promise.allSettled(writes);
  results.forEach((result, index) => {
    assert.equal(result.status, index % 5 === 3 ? 'rejected' : 'fulfilled');
    if (result.status === 'rejected') assert.ok(result.reason instanceof UniqueViolation);
  });
  assert.equal((await listUsers(db, { limit: 1000 })).length, 81);
});

onEach('a unit is kept as a whole or not at all, whatever goes on beside it', async (db) => {
  const users = await Promise.all(Array.from({ length: 30 }, (_, index) => addUser(db, { username: `user-${index}` })));
  await addUser(db, { username: 'taken' });
  const units = users.map(({ id }, index) => {
    const last = index % 3 === 1 ? rename(id, 'taken') : rename(id, `last-${index}`);
    return db.writeUnit([rename(id, `first-${index}`), last]);
  });
  const others = users.map((_, index) => addUser(db, { username: `other-${index}` }));
  const results = await Promise.allSettled(units);
  await Promise.all(others);
  for (const [index, user] of users.entries()) {
    const failed = index % 3 === 1;
    assert.equal(results[index]?.status, failed ? 'rejected' : 'fulfilled');
    assert.equal((await findUser(db, user.id))?.username, failed ? `user-${index}` : `last-${index}`);
  }
  const [first] = results;
  assert.deepEqual(first?.status === 'fulfilled' && first.value.map(([row]) => row?.['username']), ['first-0', 'last-0']);
});

onEach('a statement that is wrong fails alone', async (db) => {
  const results = await Promise.allSettled([addUser(db), db.write(WRONG, []), addUser(db), db.all(WRONG, []), addUser(db)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

onEach('what was answered is seen by the next read', async (db) => {
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      const session = await addSession(db);
      assert.ok(await findSession(db, session.sid, NOW));
    }),
  );
});

onEach('a transaction is all or nothing, and writes beside it are not part of it', async (db) => {
  const beside: Promise<unknown>[] = [];
  const read: Promise<unknown>[] = [];
  const work = db.transaction(async (tx) => {
    await addUser(tx, { username: 'inside' });
    beside.push(addUser(db, { username: 'beside' }), db.knex('users').select('id'));
    read.push(findUserByUsername(db, 'inside'));
    await tx.knex('users').where({ username_key: 'inside' }).update({ is_staff: true });
    assert.equal((await findUserByUsername(tx, 'inside'))?.isStaff, true);
    throw new Error('changed my mind');
  });
  await assert.rejects(work, /changed my mind/);
  await Promise.all(beside);
  assert.deepEqual(await Promise.all(read), [null]);
  assert.deepEqual(
    (await listUsers(db, { limit: 10 })).map(({ username }) => username),
    ['beside'],
  );
});

onEach('transactions at once, which read and then write, lose no update', async (db) => {
  const { id } = await addUser(db, { passwordHash: '0' });
  const add = (): Promise<void> =>
    db.transaction(async (tx) => {
      const { credentialsVersion = 0 } = (await findUser(tx, id)) ?? {};
      const passwordHash = await findPasswordHash(tx, id);
      // Only while it is as it was read: PostgreSQL does not isolate further than to what is committed.
      if (!(await setPassword(tx, id, String(Number(passwordHash) + 1), { from: credentialsVersion }))) throw new Error('again');
    });
  const results = await Promise.allSettled(Array.from({ length: 20 }, add));
  const added = results.filter(({ status }) => status === 'fulfilled').length;
  assert.ok(added > 0);
  assert.equal(await findPasswordHash(db, id), String(added));
  if (db.dialect === 'sqlite') assert.equal(added, 20);
});

onEach('a transaction in a transaction is undone alone', async (db) => {
  await db.transaction(async (tx) => {
    await addUser(tx, { username: 'outer' });
    await assert.rejects(
      tx.transaction(async (inner) => {
        await addUser(inner, { username: 'inner' });
        await addUser(inner, { username: 'outer' });
      }),
      UniqueViolation,
    );
    await assert.rejects(tx.writeUnit([rename('nobody', 'y'), { statement: WRONG, values: [] }]), /nothing/);
    await addUser(tx, { username: 'after' });
  });
  assert.deepEqual((await listUsers(db, { limit: 10 })).map(({ username }) => username).sort(), ['after', 'outer']);
});

onEach('knex inside a transaction is a part of it, and its own transactions are savepoints, one after the other', async (db) => {
  await db.transaction(async (tx) => {
    const { knex } = tx;
    await knex('outbox').insert({ id: 'kept', payload: '', attempts: 0, created_at: 1, next_attempt_at: 1 });
    assert.equal(await knex('outbox').update({ attempts: 1 }), 1);
    const add = (id: string, fails: boolean): Promise<unknown> =>
      knex.transaction(async (inner) => {
        await inner('outbox').insert({ id, payload: '', attempts: 0, created_at: 2, next_attempt_at: 2 });
        await inner.transaction((innermost) => innermost('outbox').where({ id }).update({ attempts: 2 }));
        if (fails) throw new Error('undone');
      });
    const results = await Promise.allSettled([
      add('a', false),
      add('b', true),
      add('c', false),
      tx.transaction((inner) => addUser(inner)),
      add('d', true),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected'],
    );
    assert.equal(await knex('outbox').where({ id: 'c' }).del(), 1);
  });
  const rows = await db.knex<{ id: string; attempts: number }>('outbox').select('id', 'attempts').orderBy('id');
  assert.deepEqual(rows, [
    { id: 'a', attempts: 2 },
    { id: 'kept', attempts: 1 },
  ]);
  const failing = db.transaction(async ({ knex }) => {
    await knex('outbox').del();
    throw new Error('undone');
  });
  await assert.rejects(failing, /undone/);
  assert.equal((await db.knex('outbox').select('id')).length, 2);
});

onEach('knex outside a transaction begins none', async (db) => {
  await assert.rejects(
    db.knex.transaction(async (trx) => trx('users').del()),
    /use the transaction\(\) of the database/,
  );
  await assert.rejects(db.knex.transaction(), /use the transaction\(\) of the database/);
});

onEach('after its end a transaction refuses everything', async (db) => {
  const escaped: Database[] = [];
  await db.transaction(async (tx) => void escaped.push(tx));
  const [tx = db] = escaped;
  await assert.rejects(addUser(tx), /over/);
  await assert.rejects(findUser(tx, 'x'), /over/);
  await assert.rejects(
    tx.transaction(async () => undefined),
    /over/,
  );
  await assert.rejects(async () => tx.knex('users').select('id'));
  assert.deepEqual(await listUsers(db, { limit: 10 }), []);
});

onEach('a transaction that takes too long is rolled back, and others go on', async (db, t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let enter: () => void = () => undefined;
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const stuck = db.transaction(async (tx) => {
    await addUser(tx, { username: 'stuck' });
    enter();
    await new Promise(() => undefined);
  });
  await entered;
  t.mock.timers.tick(15_000);
  await assert.rejects(stuck, /more than 15 s/);
  t.mock.timers.reset();
  assert.equal(await findUserByUsername(db, 'stuck'), null);
  await addUser(db, { username: 'stuck' });
});

onEach('errors tell no values', async (db) => {
  const secret = 'argon2-hash-of-a-password';
  const user = await addUser(db, { passwordHash: secret });
  const wrong = [
    insertUser(db, { ...user, passwordHash: secret }),
    insertUser(db, { ...user, id: 'x', username: 'y', passwordHash: secret, createdAt: null as unknown as number }),
    db.transaction((tx) => tx.knex('users').insert({ id: 'z', password_hash: secret })),
    db.transaction((tx) => tx.knex('users').where({ password_hash: secret }).update({ nothing: 1 })),
  ];
  for (const result of await Promise.allSettled(wrong)) {
    assert.ok(result.status === 'rejected' && result.reason instanceof Error);
    const { message, stack, cause } = result.reason;
    assert.ok(!JSON.stringify([message, stack, cause, { ...result.reason }]).includes(secret), message);
  }
});

test('a name stands for one statement', () => {
  statement('test_once', 'SELECT 1');
  assert.throws(() => statement('test_once', 'SELECT 2'), /test_once/);
  assert.equal(statement('test_numbers', 'SELECT ?1, ?12').postgresql, 'SELECT $1, $12');
});
