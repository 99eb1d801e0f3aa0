import assert from 'node:assert/strict';
import { deleteExpired } from '../../src/store/cleanup.ts';
import { insertEvents, listEvents } from '../../src/store/events.ts';
import { insertReferenceToken } from '../../src/store/reference-tokens.ts';
import { findRefreshToken } from '../../src/store/refresh-tokens.ts';
import type { Database } from '../../src/store/engine/database.ts';
import { addSession, addToken, addUser, DAY, NOW, onEach } from './databases.ts';

const rule = { now: NOW, sessionRetention: 30 * DAY, auditRetention: 365 * DAY, batch: 100 };

async function countRows(db: Database, table: string): Promise<number> {
  return (await db.knex(table).select('*')).length;
}

onEach('sessions go after their retention, anonymous ones when they have expired', async (db) => {
  const { id: userId } = await addUser(db);
  const old = NOW - 31 * DAY;
  const stays = [
    await addSession(db, { userId }),
    await addSession(db, { userId, expiresAt: NOW - 29 * DAY }),
    await addSession(db, { userId, expiresAt: NOW - 29 * DAY, endedAt: NOW - 29 * DAY }),
    await addSession(db),
  ];
  await addSession(db, { userId, expiresAt: old });
  const ended = await addSession(db, { userId, endedAt: old });
  await addSession(db, { expiresAt: NOW - 1 });
  await addToken(db, ended);
  assert.equal(await deleteExpired(db, rule), 3);
  const left = await db.knex<{ sid: string }>('sessions').select('sid');
  assert.deepEqual(left.map(({ sid }) => sid).sort(), stays.map(({ sid }) => sid).sort());
  assert.equal(await countRows(db, 'refresh_tokens'), 0, 'tokens go with their session');
  assert.equal(await deleteExpired(db, rule), 0);
});

onEach('tokens go a day after their expiry, but never while their parent could be used again', async (db) => {
  const session = await addSession(db);
  const expired = await addToken(db, session, { expiresAt: NOW - DAY - 1 });
  const recent = await addToken(db, session, { expiresAt: NOW - DAY + 1 });
  const parent = await addToken(db, session);
  const short = await addToken(db, session, { parentJti: parent.jti, expiresAt: NOW - 2 * DAY });
  await insertReferenceToken(db, { tokenHash: 'old', sessionId: session.id, issuedAt: 0, expiresAt: NOW - DAY - 1 });
  await insertReferenceToken(db, { tokenHash: 'new', sessionId: session.id, issuedAt: 0, expiresAt: NOW + 1 });
  assert.equal(await deleteExpired(db, rule), 2);
  assert.equal(await findRefreshToken(db, expired.jti), null);
  assert.ok(await findRefreshToken(db, recent.jti));
  assert.equal((await findRefreshToken(db, parent.jti))?.successor?.jti, short.jti);
  assert.equal(await countRows(db, 'reference_tokens'), 1);
});

onEach('batches are kept to', async (db) => {
  await insertEvents(
    db,
    Array.from({ length: 25 }, (_, index) => {
      const createdAt = NOW - 365 * DAY - (index < 23 ? 1 : 0);
      return { type: 'login' as const, createdAt, userId: null, actorId: null, sid: null, ip: '', details: {} };
    }),
  );
  assert.deepEqual(
    [
      await deleteExpired(db, { ...rule, batch: 10 }),
      await deleteExpired(db, { ...rule, batch: 10 }),
      await deleteExpired(db, { ...rule, batch: 10 }),
    ],
    [10, 10, 3],
  );
  assert.equal((await listEvents(db, { limit: 100 })).length, 2);
});
