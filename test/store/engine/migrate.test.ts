import assert from 'node:assert/strict';
import { migrate, pendingMigrations } from '../../../src/store/engine/migrate.ts';
import { unmigrate } from '../../../src/store/engine/migrate.ts';
import { findUserByEmail } from '../../../src/store/users.ts';
import { addUser, onEach } from '../databases.ts';

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
