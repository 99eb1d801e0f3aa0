import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteExpired } from '../../src/store/cleanup.ts';
import type { Database } from '../../src/store/engine/database.ts';
import { listRevocations, noteAccessLifetime, readFeedState } from '../../src/store/revocations.ts';
import { endSession, endUserSessions } from '../../src/store/sessions.ts';
import { updateUser } from '../../src/store/users.ts';
import { addSession, addUser, DAY, NOW, onEach, open } from './databases.ts';

const ending = { at: NOW, reason: 'revoked', by: null } as const;

const sids = async (db: Database, after = 0) => (await listRevocations(db, { after, now: NOW, limit: 100 })).map(({ sid }) => sid);

function gate(): { open: () => void; passed: Promise<void> } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), passed };
}

onEach('each end is in the feed once, with the longest lifetime; one that is undone is not', async (db) => {
  await noteAccessLifetime(db, { seconds: 100, now: NOW });
  await noteAccessLifetime(db, { seconds: 900, now: NOW });
  await noteAccessLifetime(db, { seconds: 300, now: NOW });
  const { id: userId } = await addUser(db);
  const [a, b, c, d] = [
    await addSession(db, { userId }),
    await addSession(db, { userId }),
    await addSession(db, { userId }),
    await addSession(db),
  ];
  assert.deepEqual([await endSession(db, { sid: a.sid, ...ending }), await endSession(db, { sid: a.sid, ...ending })], [true, false]);
  await endSession(db, { sid: d.sid, ...ending }); // no user was logged in
  const undone = db.transaction(async (tx) => {
    await endUserSessions(tx, { userId, ...ending });
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  assert.deepEqual(await sids(db), [a.sid]);
  await endUserSessions(db, { userId, ...ending });
  const list = await listRevocations(db, { after: 0, now: NOW, limit: 100 });
  assert.deepEqual(
    list.map(({ sid }) => sid),
    [a.sid, b.sid, c.sid],
  );
  for (const entry of list) assert.deepEqual([entry.revokedAt, entry.expiresAt], [NOW, NOW + 900]);
  assert.deepEqual(await listRevocations(db, { after: 0, now: NOW + 900, limit: 100 }), []);
});

onEach('before any server has noted a lifetime an entry is kept for a day', async (db) => {
  const { id: userId } = await addUser(db);
  const { sid } = await addSession(db, { userId });
  await endSession(db, { sid, ...ending });
  assert.equal((await listRevocations(db, { after: 0, now: NOW, limit: 1 }))[0]?.expiresAt, NOW + DAY);
});

onEach('a user who is deactivated: each session that runs, once, by the later of both clocks', async (db) => {
  await noteAccessLifetime(db, { seconds: 300, now: NOW });
  const { id: userId } = await addUser(db);
  const running = await addSession(db, { userId, lastSeenAt: NOW + 5 });
  await addSession(db, { userId, endedAt: NOW - DAY });
  await addSession(db, { userId, expiresAt: 1000 });
  await updateUser(db, userId, { isActive: false });
  await updateUser(db, userId, { isActive: false, isStaff: true });
  const list = await listRevocations(db, { after: 0, now: NOW, limit: 100 });
  assert.deepEqual(
    list.map(({ sid, revokedAt, expiresAt }) => [sid, revokedAt, expiresAt]),
    [[running.sid, NOW + 5, NOW + 305]],
  );
});

onEach(
  'a transaction that ends a session first and commits last comes last',
  async (db, t, config) => {
    const other = await open(t, config);
    const { id: userId } = await addUser(db);
    const [slow, quick] = [await addSession(db, { userId }), await addSession(db, { userId })];
    const [ended, leave] = [gate(), gate()];
    const committed = db.transaction(async (tx) => {
      await endSession(tx, { sid: slow.sid, ...ending });
      ended.open();
      await leave.passed;
    });
    await ended.passed;
    await other.transaction((tx) => endSession(tx, { sid: quick.sid, ...ending }));
    assert.deepEqual(await sids(db), [quick.sid]);
    const { head } = await readFeedState(other);
    leave.open();
    await committed;
    assert.deepEqual(await sids(other, head), [slow.sid], 'a reader who has gone on already finds it');
  },
  ['postgresql'],
);

onEach(
  'who has a position and has not committed holds up those who come after',
  async (db, t, config) => {
    const other = await open(t, config);
    const { id: userId } = await addUser(db);
    const [first, second] = [await addSession(db, { userId }), await addSession(db, { userId })];
    const [numbered, leave] = [gate(), gate()];
    const one = db.transaction(async (tx) => {
      await endSession(tx, { sid: first.sid, ...ending });
      await tx.knex.raw('SET CONSTRAINTS ALL IMMEDIATE'); // gives the position now, not with the commit
      numbered.open();
      await leave.passed;
    });
    await numbered.passed;
    let isDone = false;
    const two = endSession(other, { sid: second.sid, ...ending }).then(() => (isDone = true));
    const waits = async (): Promise<boolean> => {
      const { rows } = await db.knex.raw<{ rows: unknown[] }>(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${4_720_114_958 % 2 ** 32} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rows.length > 0;
    };
    while (!(await waits()) && !isDone) await sleep(5);
    assert.equal(isDone, false);
    assert.deepEqual(await sids(db), []);
    leave.open();
    await Promise.all([one, two]);
    assert.deepEqual(await sids(db), [first.sid, second.sid]);
  },
  ['postgresql'],
);

onEach('expired entries go from the oldest on, in batches, up to the first that is needed', async (db) => {
  const add = (sid: string, expires_at: number) =>
    db.transaction((tx) => tx.knex('revocations').insert({ sid, revoked_at: 0, expires_at }));
  const rule = { now: NOW, sessionRetention: DAY, auditRetention: DAY, batch: 2 };
  const [old, kept] = [NOW - 3601, NOW - 3599];
  for (const [index, expires] of [old, old, old, kept, old].entries()) await add(`s${index}`, expires);
  assert.deepEqual([await deleteExpired(db, rule), await deleteExpired(db, rule), await deleteExpired(db, rule)], [2, 1, 0]);
  const { purgedTo, head } = await readFeedState(db);
  const left = await listRevocations(db, { after: purgedTo, now: 0, limit: 100 });
  assert.deepEqual(
    left.map(({ sid }) => sid),
    ['s3', 's4'],
  );
  await deleteExpired(db, { ...rule, now: NOW + 10 });
  const empty = await readFeedState(db);
  assert.deepEqual([empty.purgedTo, empty.head], [head, head], 'an empty feed knows how far it was');
  await add('s5', NOW);
  assert.ok((await readFeedState(db)).head > head, 'a position is never given again');
});
