import assert from 'node:assert/strict';
import type { RefreshTokenRecord, SessionRecord } from '../../src/contracts/records.ts';
import { UniqueViolation, type Database } from '../../src/store/engine/database.ts';
import {
  extendSession,
  findRefreshToken,
  insertRefreshToken,
  listRefreshTokens,
  rotateRefreshToken,
} from '../../src/store/refresh-tokens.ts';
import { endSession, endUserSessions, findSession } from '../../src/store/sessions.ts';
import { updateUser } from '../../src/store/users.ts';
import { addSession, addToken, addUser, DAY, newToken, NOW, onEach } from './databases.ts';

async function login(db: Database, changes: Partial<SessionRecord> = {}): Promise<{ session: SessionRecord; token: RefreshTokenRecord }> {
  const user = await addUser(db);
  const session = await addSession(db, { userId: user.id, authenticatedAt: NOW, ...changes });
  return { session, token: await addToken(db, session) };
}

function rotate(db: Database, session: SessionRecord, parentJti: string, now = NOW + 10): Promise<boolean> {
  return rotateRefreshToken(db, { parentJti, successor: newToken(session, { issuedAt: now }), now, sessionExpiresAt: NOW + 2 * DAY });
}

onEach('a rotation leaves parent, successor and session as they should be', async (db) => {
  const user = await addUser(db, { email: 'a@example.org' });
  const session = await addSession(db, { userId: user.id });
  const token = await addToken(db, session);
  assert.deepEqual(await findRefreshToken(db, token.jti), { token, session, user, successor: null, successorUsed: false });

  const successor = newToken(session, { issuedAt: NOW + 10, expiresAt: NOW + DAY + 10 });
  assert.equal(await rotateRefreshToken(db, { parentJti: token.jti, successor, now: NOW + 10, sessionExpiresAt: NOW + 2 * DAY }), true);
  const stored = { ...successor, parentJti: token.jti };
  const seen = { ...session, lastSeenAt: NOW + 10, expiresAt: NOW + 2 * DAY };
  assert.deepEqual(await findRefreshToken(db, token.jti), { token, session: seen, user, successor: stored, successorUsed: false });
  assert.deepEqual(await findRefreshToken(db, successor.jti), {
    token: stored,
    session: seen,
    user,
    successor: null,
    successorUsed: false,
  });

  assert.equal(await rotate(db, session, token.jti), false, 'used');
  assert.equal(await rotate(db, session, successor.jti), true);
  assert.equal((await findRefreshToken(db, token.jti))?.successorUsed, true);
  assert.deepEqual((await listRefreshTokens(db, session.id)).map(({ jti }) => jti).slice(0, 1), [token.jti]);
  assert.equal((await listRefreshTokens(db, session.id)).length, 3);
});

onEach('what may not be rotated is not, and changes nothing', async (db) => {
  const { session, token } = await login(db);
  const expired = await addToken(db, session, { expiresAt: NOW + 10 });
  const other = await login(db);
  assert.equal(await rotate(db, session, 'unknown'), false);
  assert.equal(await rotate(db, session, expired.jti), false, 'expired');
  assert.equal(await rotate(db, other.session, token.jti), false, 'of another session');
  assert.equal(await rotate(db, session, token.jti, NOW + DAY), false, 'the session has expired');
  await updateUser(db, session.userId ?? '', { isActive: false });
  assert.equal(await rotate(db, session, token.jti), false, 'inactive user');
  assert.equal(await extendSession(db, { sid: session.sid, now: NOW, expiresAt: NOW + 5 * DAY }), false);
  await updateUser(db, session.userId ?? '', { isActive: true });
  assert.deepEqual((await findSession(db, session.sid, NOW))?.session, session);
  await endSession(db, { sid: session.sid, at: NOW, reason: 'logout', by: null });
  assert.equal(await rotate(db, session, token.jti), false, 'ended');
  const state = await findRefreshToken(db, token.jti);
  assert.deepEqual([state?.successor, state?.session.endedReason, state?.user?.id], [null, 'logout', session.userId]);
  assert.equal((await listRefreshTokens(db, session.id)).length, 2);
});

onEach('a token of a user who is gone is found without him and cannot be rotated', async (db) => {
  const session = await addSession(db, { userId: 'gone' });
  const token = await addToken(db, session);
  assert.equal((await findRefreshToken(db, token.jti))?.user, null);
  assert.equal(await rotate(db, session, token.jti), false);
});

onEach('a successor whose id is taken fails and undoes the unit', async (db) => {
  const { session, token } = await login(db);
  const successor = newToken(session, { jti: token.jti });
  const rotation = { parentJti: token.jti, successor, now: NOW + 10, sessionExpiresAt: NOW + 2 * DAY };
  await assert.rejects(rotateRefreshToken(db, rotation), UniqueViolation);
  assert.deepEqual((await findSession(db, session.sid, NOW))?.session, session);
  assert.equal(await rotate(db, session, token.jti), true);
});

onEach('of racing rotations of one token exactly one succeeds', async (db) => {
  const { session, token } = await login(db);
  for (let parent = token.jti, round = 0; round < 5; round++) {
    const results = await Promise.all(Array.from({ length: 16 }, () => rotate(db, session, parent)));
    assert.equal(results.filter(Boolean).length, 1);
    parent = (await findRefreshToken(db, parent))?.successor?.jti ?? '';
  }
  assert.equal((await listRefreshTokens(db, session.id)).length, 6);
});

onEach('after an end that raced with rotations nothing is live', async (db) => {
  for (let round = 0; round < 10; round++) {
    const { session, token } = await login(db);
    const end =
      round % 2
        ? endSession(db, { sid: session.sid, at: NOW, reason: 'revoked', by: null })
        : db.transaction((tx) => endUserSessions(tx, { userId: session.userId ?? '', at: NOW, reason: 'revoked', by: null }));
    const raced = await Promise.all([rotate(db, session, token.jti), end, rotate(db, session, token.jti), rotate(db, session, token.jti)]);
    assert.ok(raced[1] === true || (Array.isArray(raced[1]) && raced[1].length === 1), 'the end always succeeds');
    assert.equal(await findSession(db, session.sid, NOW), null);
    for (const { jti } of await listRefreshTokens(db, session.id)) assert.equal(await rotate(db, session, jti), false);
  }
});

onEach('rotations of many sessions at once do not mix up their values', async (db) => {
  const logins = await Promise.all(Array.from({ length: 40 }, () => login(db)));
  const successors = logins.map(({ session }, index) => newToken(session, { accessJti: `access-${index}` }));
  const rotations = logins.map(({ token }, index) =>
    rotateRefreshToken(db, { parentJti: token.jti, successor: successors[index] ?? token, now: NOW, sessionExpiresAt: NOW + DAY + index }),
  );
  assert.ok((await Promise.all(rotations)).every(Boolean));
  const states = await Promise.all(logins.map(({ token }) => findRefreshToken(db, token.jti)));
  states.forEach((state, index) => {
    assert.deepEqual(state?.successor, { ...successors[index], parentJti: logins[index]?.token.jti });
    assert.deepEqual(state.session, { ...logins[index]?.session, expiresAt: NOW + DAY + index });
  });
});

onEach('a refresh without rotation extends a live session', async (db) => {
  const { session } = await login(db);
  assert.equal(await extendSession(db, { sid: session.sid, now: NOW + 7, expiresAt: NOW + 3 * DAY }), true);
  assert.deepEqual((await findSession(db, session.sid, NOW))?.session, { ...session, lastSeenAt: NOW + 7, expiresAt: NOW + 3 * DAY });
  assert.equal(await extendSession(db, { sid: 'unknown', now: NOW, expiresAt: NOW }), false);
});

onEach('a token needs its session', async (db) => {
  const session = await addSession(db);
  await assert.rejects(insertRefreshToken(db, newToken(session, { sessionId: session.id + 1 })), /foreign key/i);
});
