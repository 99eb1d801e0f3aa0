import assert from 'node:assert/strict';
import { migrate, pendingMigrations, unmigrate } from '../../../src/store/engine/migrate.ts';
import * as secondFactor from '../../../src/store/engine/migrations/0012-second-factor.ts';
import { insertSession } from '../../../src/store/sessions.ts';
import { findUserByEmail } from '../../../src/store/users.ts';
import { addSession, addUser, newSession, onEach } from '../databases.ts';

onEach('migrations go up, down and up again', async (db) => {
  assert.deepEqual([await pendingMigrations(db), await migrate(db)], [[], []]);
  await addUser(db, { email: 'a@example.org' });
  await unmigrate(db);
  const names = await pendingMigrations(db);
  assert.equal(names[0], '0001-first');
  await assert.rejects(findUserByEmail(db, 'a@example.org'));
  const together = await Promise.all([migrate(db), migrate(db), migrate(db)]);
  assert.deepEqual(together.flat(), names);
  assert.equal(await findUserByEmail(db, 'a@example.org'), null);
  await addUser(db, { email: 'a@example.org' });
});

onEach('a database of a newer version is left alone', async (db) => {
  await db.transaction((tx) => tx.knex('knex_migrations').insert({ name: '9999-future', batch: 9 }));
  await assert.rejects(migrate(db), /newer version.*9999-future/);
  assert.deepEqual(await pendingMigrations(db), []);
});

onEach('sessions that were stored before the column second_factor keep what was computed for them', async (db) => {
  const one = { methods: [{ method: 'password', email: '"method":"mfa"', at: 1 }] };
  const two = { methods: [...one.methods, { method: 'mfa', type: 'totp', at: 2 }] };
  const [without, having] = [await addSession(db, { data: one }), await addSession(db, { data: two })];
  const factors = async () =>
    (await db.knex<{ sid: string; second_factor: unknown }>('sessions').select('sid', 'second_factor').orderBy('id')).map((row) => [
      row.sid,
      Boolean(row.second_factor),
    ]);
  await db.exclusive((exclusive) => secondFactor.down(exclusive.knex));
  const computed = [
    [without.sid, false],
    [having.sid, true],
  ];
  assert.deepEqual(await factors(), computed);
  await assert.rejects(addSession(db, { data: two }), 'the older schema computes it');
  await db.exclusive((exclusive) => secondFactor.up(exclusive.knex));
  assert.deepEqual(await factors(), computed);
  const later = newSession({ data: one, secondFactor: true });
  await insertSession(db, later);
  assert.deepEqual(await factors(), [...computed, [later.sid, true]]);
});
