import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endAllOfUser, endFailedLogin, endSessions, type EndCause, type SessionsToEnd } from '../../../src/kit/sessions/end.ts';
import { SERVER_ORIGIN, write } from '../../../src/kit/write.ts';
import { listEvents } from '../../../src/store/events.ts';
import { findUser } from '../../../src/store/users.ts';
import { addSession, addUser } from '../../store/databases.ts';
import { testServer, type TestServer } from '../../support/server.ts';

/** The reports of sessions that ended, oldest first: type, user, who ended it, session, details. */
async function reports({ kit }: TestServer): Promise<unknown[]> {
  const events = await listEvents(kit.db, { limit: 2000 });
  return events
    .filter(({ type }) => type !== 'settings_loaded')
    .map(({ type, userId, actorId, sid, details }) => [type, userId, actorId, sid, details])
    .reverse();
}

const end = (server: TestServer, which: SessionsToEnd, cause: EndCause) =>
  write(server.kit, SERVER_ORIGIN, (writing) => endSessions(writing, which, cause));

test('a thousand sessions that end at once have a line each in the audit log; more have one line with their number', async (t) => {
  const server = await testServer(t);
  const { db } = server.kit;
  const [one, two] = [await addUser(db), await addUser(db)];
  const add = (count: number, userId: string): Promise<string[]> =>
    db.transaction(async (inner) => {
      const sids: string[] = [];
      for (let each = 0; each < count; each += 1) sids.push((await addSession(inner, { userId })).sid);
      return sids;
    });
  const cause = { reason: 'revoked', by: two.id, note: 'a leak' } as const;
  await add(1000, one.id);
  assert.equal((await end(server, { userId: one.id }, cause)).length, 1000);
  const lines = await reports(server);
  assert.equal(new Set(lines.map((line) => JSON.stringify(line))).size, 1000);
  const [first] = lines as [unknown[]];
  assert.deepEqual([...first.slice(0, 3), first[4]], ['session_revoked', one.id, two.id, { reason: 'a leak' }]);

  await add(1001, one.id);
  await end(server, { userId: one.id }, cause);
  const sids = [...(await add(1000, one.id)), ...(await add(1, two.id))];
  await end(server, { sids }, cause);
  const details = { reason: 'a leak', sessions: 1001 };
  assert.deepEqual((await reports(server)).slice(1000), [
    ['session_revoked', one.id, two.id, null, details],
    ['session_revoked', null, two.id, null, details],
  ]);
});

test('the report of an end says who did it and why; one that another event reports, and one that had ended, has none', async (t) => {
  const server = await testServer(t);
  const { db } = server.kit;
  const user = await addUser(db);
  const add = (changes = {}) => addSession(db, { userId: user.id, ...changes });
  const cases: readonly (readonly [cause: EndCause, expected: readonly unknown[] | null])[] = [
    [{ reason: 'logout', by: user.id }, ['logout', user.id, user.id, {}]],
    [{ reason: 'revoked', by: null }, ['session_revoked', user.id, null, {}]],
    [
      { reason: 'revoked', by: null, note: 'lost phone', details: { way: 'cli' } },
      ['session_revoked', user.id, null, { reason: 'lost phone', way: 'cli' }],
    ],
    [{ reason: 'refresh_token_reused', by: null, details: { jti: 'j' } }, ['refresh_token_reused', user.id, null, { jti: 'j' }]],
    [{ reason: 'user_deleted', by: null }, ['session_revoked', user.id, null, { reason: 'user deleted' }]],
    [{ reason: 'failed', by: null }, ['session_revoked', user.id, null, { reason: 'login failed' }]],
    [{ reason: 'replaced', by: user.id }, null],
  ];
  let seen = 0;
  for (const [cause, expected] of cases) {
    const session = await add();
    assert.deepEqual(await end(server, { session }, cause), [{ sid: session.sid, userId: user.id }]);
    assert.deepEqual(await end(server, { session }, cause), [], 'once');
    const found = (await reports(server)).slice(seen);
    seen += found.length;
    const [type, userId, actorId, details] = expected ?? [];
    assert.deepEqual(found, expected ? [[type, userId, actorId, session.sid, details]] : [], cause.reason);
  }
  const [reported, other] = [await add(), await add()];
  await end(server, { userId: user.id }, { reason: 'password_changed', by: user.id, reported: reported.sid });
  assert.deepEqual((await reports(server)).slice(seen), [['session_revoked', user.id, user.id, other.sid, { reason: 'password changed' }]]);
});

test('a logout from a login that is not complete is not reported, the revocation of one is', async (t) => {
  const server = await testServer(t);
  const [one, two] = [await addSession(server.kit.db), await addSession(server.kit.db)];
  assert.equal((await end(server, { session: one }, { reason: 'logout', by: null })).length, 1);
  assert.deepEqual(await reports(server), []);
  await end(server, { sids: [two.sid] }, { reason: 'revoked', by: null });
  assert.deepEqual(await reports(server), [['session_revoked', null, null, two.sid, {}]]);
});

test('all sessions of a user end, waiting logins too, but for the one that is kept; codes and links are void', async (t) => {
  const server = await testServer(t);
  const { db } = server.kit;
  const [user, other] = [await addUser(db), await addUser(db)];
  const [active, kept, foreign] = [
    await addSession(db, { userId: user.id }),
    await addSession(db, { userId: user.id }),
    await addSession(db, { userId: other.id }),
  ];
  const waiting = await addSession(db, { pendingUserId: user.id });
  const keptLogin = await addSession(db, { pendingUserId: user.id });
  const run = (exceptSid: string | null) =>
    write(server.kit, SERVER_ORIGIN, (writing) => endAllOfUser(writing, { userId: user.id, exceptSid }, { by: null, note: 'stolen' }));
  const sids = (ended: readonly { sid: string }[]): string[] => ended.map(({ sid }) => sid).sort();
  assert.deepEqual(sids(await run(kept.sid)), sids([active, waiting, keptLogin]));
  assert.equal((await findUser(db, user.id))?.credentialsVersion, 1);
  const row = await db.knex<{ sid: string; ended_note: string; ended_reason: string }>('sessions').where({ sid: active.sid }).first();
  assert.deepEqual([row?.ended_note, row?.ended_reason], ['stolen', 'revoked']);
  const again = await addSession(db, { pendingUserId: user.id });
  assert.deepEqual(sids(await run(again.sid)), [kept.sid]);
  assert.deepEqual(sids(await run(null)), [again.sid]);
  const open = await db.knex('sessions').whereNull('ended_at').pluck('sid');
  assert.deepEqual(open, [foreign.sid]);
});

test('the end of a failed login never throws, so that its cause is what is reported', async (t) => {
  const server = await testServer(t);
  const user = await addUser(server.kit.db);
  const session = await addSession(server.kit.db, { userId: user.id });
  const away = t.mock.method(server.kit.db, 'transaction', () => Promise.reject(new Error('away')));
  await endFailedLogin(server.kit, SERVER_ORIGIN, session);
  assert.ok(away.mock.callCount() > 0);
  away.mock.restore();
  await endFailedLogin(server.kit, SERVER_ORIGIN, session);
  assert.deepEqual(await reports(server), [['session_revoked', user.id, null, session.sid, { reason: 'login failed' }]]);
});
