import assert from 'node:assert/strict';
import type { Database } from '../../src/store/engine/database.ts';
import { endSession, endUserSessions, findSession, listSessions, touchSession, updateSession } from '../../src/store/sessions.ts';
import { findReferenceToken, insertReferenceToken } from '../../src/store/reference-tokens.ts';
import { updateUser } from '../../src/store/users.ts';
import { addSession, addUser, DAY, NOW, onEach } from './databases.ts';

const ending = { at: NOW, reason: 'revoked', by: null } as const;

onEach('a session comes back as it was stored, with its user', async (db) => {
  const user = await addUser(db, { email: 'a@example.org' });
  const session = await addSession(db, {
    userId: user.id,
    client: 'browser',
    userAgent: 'Ünïcode 🦊 \\ \' " ? ?1 $1',
    authenticatedAt: NOW - 5,
    data: { methods: [{ method: 'password', at: NOW, email: 'ä"\\?@example.org' }] },
  });
  assert.ok(Number.isSafeInteger(session.id) && session.id > 0);
  assert.deepEqual(await findSession(db, session.sid, NOW), { session, user });
  const anonymous = await addSession(db);
  assert.deepEqual(await findSession(db, anonymous.sid, NOW), { session: anonymous, user: null });
  assert.equal(await findSession(db, 'unknown', NOW), null);
});

/** Creates a session that is no longer live, for each possible reason. */
const NOT_LIVE: Record<string, (db: Database) => Promise<string>> = {
  'it has expired': async (db) => (await addSession(db, { expiresAt: NOW })).sid,
  'it has ended': async (db) => {
    const { sid } = await addSession(db);
    assert.equal(await endSession(db, { ...ending, sid }), true);
    return sid;
  },
  'its user is inactive': async (db) => {
    const user = await addUser(db);
    const { sid } = await addSession(db, { userId: user.id });
    await updateUser(db, user.id, { isActive: false });
    return sid;
  },
  'its user is gone': async (db) => (await addSession(db, { userId: 'gone' })).sid,
};

for (const [why, make] of Object.entries(NOT_LIVE)) {
  onEach(`a session is not live where ${why}`, async (db) => {
    const sid = await make(db);
    assert.equal(await findSession(db, sid, NOW), null);
    const [row] = await db.knex<{ id: number; sid: string; user_id: string | null; last_seen_at: number }>('sessions').where({ sid });
    assert.ok(row);
    await insertReferenceToken(db, { tokenHash: 'opaque', sessionId: row.id, issuedAt: NOW, expiresAt: NOW + DAY });
    assert.equal(await findReferenceToken(db, 'opaque', NOW), null);
    assert.deepEqual(await listSessions(db, row.user_id ?? '', NOW), []);
    await touchSession(db, { sid, at: NOW + 1, ip: '', userAgent: '', expiresAt: NOW + 9 * DAY });
    assert.equal((await db.knex<{ sid: string; last_seen_at: number }>('sessions').where({ sid }))[0]?.last_seen_at, NOW);
  });
}

onEach('a reference token opens its session until it expires', async (db) => {
  const user = await addUser(db);
  const session = await addSession(db, { userId: user.id });
  await insertReferenceToken(db, { tokenHash: 'opaque', sessionId: session.id, issuedAt: NOW, expiresAt: NOW + 300 });
  assert.deepEqual(await findReferenceToken(db, 'opaque', NOW), { issuedAt: NOW, expiresAt: NOW + 300, session, user });
  assert.equal(await findReferenceToken(db, 'opaque', NOW + 300), null);
  assert.equal(await findReferenceToken(db, 'other', NOW), null);
});

onEach('a save counts the version up, keeps what it is given, and refuses what is stale', async (db) => {
  const user = await addUser(db);
  const session = await addSession(db);
  const stale = { ...session };
  Object.assign(session, {
    userId: user.id,
    tokenHash: 'new',
    ip: '::1',
    userAgent: 'x',
    lastSeenAt: NOW + 1,
    authenticatedAt: NOW,
    expiresAt: NOW + 9,
  });
  session.data = { methods: [] };
  session.secondFactor = true;
  assert.equal(await updateSession(db, session, NOW), true);
  assert.equal(session.version, 1);
  assert.deepEqual(await findSession(db, session.sid, NOW), { session, user });
  assert.equal(await updateSession(db, stale, NOW), false);
  assert.equal(stale.version, 0);
  assert.equal(await updateSession(db, session, NOW + 9), false, 'expired');
});

onEach('of saves at once exactly one succeeds', async (db) => {
  const session = await addSession(db);
  const saved = await Promise.all(Array.from({ length: 8 }, (_, index) => updateSession(db, { ...session, ip: `${index}` }, NOW)));
  assert.equal(saved.filter(Boolean).length, 1);
  const found = await findSession(db, session.sid, NOW);
  assert.deepEqual([found?.session.version, found?.session.ip], [1, `${saved.indexOf(true)}`]);
});

onEach('an ended session stays ended, with the first reason', async (db) => {
  const session = await addSession(db);
  const ended = await Promise.all([1, 2, 3].map((by) => endSession(db, { sid: session.sid, at: NOW, reason: 'logout', by: `${by}` })));
  assert.equal(ended.filter(Boolean).length, 1);
  assert.equal(await endSession(db, { ...ending, sid: session.sid }), false);
  assert.equal(await updateSession(db, session, NOW), false);
  assert.equal(await endSession(db, { ...ending, sid: 'unknown' }), false);
  const [row] = await db.knex<Record<string, unknown>>('sessions').select('ended_at', 'ended_reason', 'ended_by');
  assert.deepEqual({ ...row }, { ended_at: NOW, ended_reason: 'logout', ended_by: `${ended.indexOf(true) + 1}` });
});

onEach('ending the sessions of a user: all, but one, some; never those of another', async (db) => {
  const [user, other] = [await addUser(db), await addUser(db)];
  const mine = [];
  for (let index = 0; index < 5; index++) mine.push(await addSession(db, { userId: user.id, createdAt: NOW + index }));
  const theirs = await addSession(db, { userId: other.id });
  await addSession(db, { userId: user.id, expiresAt: NOW });
  assert.deepEqual(
    (await listSessions(db, user.id, NOW)).map(({ sid }) => sid),
    mine.map(({ sid }) => sid),
  );

  const [a, b, c, d, e] = mine.map(({ sid }) => sid);
  const ids = [mine[0]?.id ?? 0, theirs.id, 999_999];
  assert.deepEqual(await endUserSessions(db, { ...ending, userId: user.id, ids }), [a]);
  assert.deepEqual(await endUserSessions(db, { ...ending, userId: user.id, ids: [] }), []);
  assert.deepEqual(await endUserSessions(db, { ...ending, userId: user.id, ids: [mine[1]?.id ?? 0], exceptSid: b ?? '' }), []);
  assert.deepEqual((await endUserSessions(db, { ...ending, userId: user.id, exceptSid: b ?? '' })).sort(), [c, d, e].sort());
  assert.deepEqual(
    (await listSessions(db, user.id, NOW)).map(({ sid }) => sid),
    [b],
  );
  assert.deepEqual(await endUserSessions(db, { ...ending, userId: user.id }), [b]);
  assert.ok(await findSession(db, theirs.sid, NOW));
});

onEach('a touch notes the activity of a live session', async (db) => {
  const session = await addSession(db);
  await touchSession(db, { sid: session.sid, at: NOW + 3, ip: '::2', userAgent: 'new', expiresAt: NOW + 2 * DAY });
  const expected = { ...session, lastSeenAt: NOW + 3, ip: '::2', userAgent: 'new', expiresAt: NOW + 2 * DAY };
  assert.deepEqual((await findSession(db, session.sid, NOW))?.session, expected);
});
