import assert from 'node:assert/strict';
import { migrate, pendingMigrations, unmigrate } from '../../../src/store/engine/migrate.ts';
import * as secondFactor from '../../../src/store/engine/migrations/0012-second-factor.ts';
import * as claims from '../../../src/store/engine/migrations/0015-claims.ts';
import { isUnproved } from '../../../src/store/claims.ts';
import { insertEvents } from '../../../src/store/events.ts';
import { insertSession } from '../../../src/store/sessions.ts';
import { findUserByEmail, insertEmail } from '../../../src/store/users.ts';
import { addSession, addUser, newSession, NOW, onEach } from '../databases.ts';

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

onEach('of the users from before, those that an admin or a command created are vouched for', async (db) => {
  const [signedUp, created] = [await addUser(db), await addUser(db)];
  for (const { id } of [signedUp, created]) {
    await insertEmail(db, { userId: id, email: `${id}@example.org`, verified: false, primary: true, unique: true });
    await insertEmail(db, { userId: id, email: `second-${id}@example.org`, verified: false, primary: false, unique: true });
  }
  const event = { actorId: null, sid: null, ip: '', createdAt: NOW, details: {} };
  await db.transaction((tx) => insertEvents(tx, [{ ...event, type: 'signup', userId: signedUp.id }]));
  await db.transaction((tx) => insertEvents(tx, [{ ...event, type: 'user_created', userId: created.id }]));
  await db.exclusive((exclusive) => claims.down(exclusive.knex));
  await db.exclusive((exclusive) => claims.up(exclusive.knex));
  assert.equal(await isUnproved(db, signedUp.id, `${signedUp.id}@example.org`), true);
  assert.equal(await isUnproved(db, created.id, `${created.id}@example.org`), false);
  const claimed = (await db.knex('emails').whereNotNull('claimed_email').pluck('email')) as string[];
  assert.deepEqual(claimed.toSorted(), [signedUp, created].map(({ id }) => `${id}@example.org`).toSorted());
});
