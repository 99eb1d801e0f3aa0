import assert from 'node:assert/strict';
import type { EventRecord } from '../../src/contracts/records.ts';
import { insertEvents, listEvents } from '../../src/store/events.ts';
import { NOW, onEach } from './databases.ts';

const event: Omit<EventRecord, 'id'> = {
  type: 'login',
  createdAt: NOW,
  userId: 'a',
  actorId: null,
  sid: 's',
  ip: '::1',
  details: { método: ['ü', 1, null] },
};

onEach('events come back newest first, filtered and paged', async (db) => {
  const stored = await insertEvents(db, [
    event,
    { ...event, type: 'logout', actorId: 'c' },
    { ...event, userId: 'b' },
    { ...event, userId: null, sid: null },
  ]);
  const [first, second, third, fourth] = stored;
  assert.deepEqual(await insertEvents(db, []), []);
  assert.deepEqual(await listEvents(db, { limit: 10 }), [fourth, third, second, first]);
  assert.deepEqual(await listEvents(db, { limit: 2 }), [fourth, third]);
  assert.deepEqual(await listEvents(db, { limit: 2, beforeId: third?.id ?? 0 }), [second, first]);
  assert.deepEqual(await listEvents(db, { limit: 10, userId: 'a' }), [second, first]);
  assert.deepEqual(await listEvents(db, { limit: 10, type: 'login', userId: 'a' }), [first]);
});

onEach('events belong to their transaction, and are never changed', async (db) => {
  await assert.rejects(
    db.transaction(async (tx) => {
      await insertEvents(tx, [event, event]);
      throw new Error('undone');
    }),
    /undone/,
  );
  assert.deepEqual(await listEvents(db, { limit: 10 }), []);
  await db.transaction((tx) => insertEvents(tx, [event]));
  await assert.rejects(
    db.transaction((tx) => tx.knex('events').update({ type: 'logout' })),
    /never changed/,
  );
});
