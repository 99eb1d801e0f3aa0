import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import type { SessionRecord } from '../../../src/contracts/records.ts';
import { newId } from '../../../src/kit/random.ts';
import { findLiveSession } from '../../../src/kit/sessions/live.ts';
import type { Database } from '../../../src/store/engine/database.ts';
import { browseSessions, findListedSession, type SessionState } from '../../../src/store/lists/sessions.ts';
import { isLive } from '../../../src/store/live.ts';
import { findReferenceToken, insertReferenceToken } from '../../../src/store/reference-tokens.ts';
import { extendSession } from '../../../src/store/refresh-tokens.ts';
import { listSessions, touchSession, updateSession } from '../../../src/store/sessions.ts';
import { deleteUser, updateUser } from '../../../src/store/users.ts';
import { addSession, addUser, DAY, NOW, onEach } from '../../store/databases.ts';

const OWNERS = ['active', 'inactive', 'deleted', 'never there', 'nobody'] as const;

type Owner = (typeof OWNERS)[number];

async function addOwner(db: Database, owner: Owner): Promise<string | null> {
  if (owner === 'nobody') return null;
  if (owner === 'never there') return newId();
  const { id } = await addUser(db, { isActive: owner !== 'inactive' });
  if (owner === 'deleted') await deleteUser(db, id);
  return id;
}

type Times = Pick<SessionRecord, 'expiresAt' | 'endedAt'>;

/** A session's times: around now, where the rule changes its mind, or anywhere. */
function* times(): Generator<Times> {
  for (const expiresAt of [NOW - 1, NOW, NOW + 1]) for (const endedAt of [null, 0, NOW - 1, NOW, NOW + 1]) yield { expiresAt, endedAt };
  const anywhere = (): number => NOW + randomInt(-DAY, DAY);
  for (let count = 0; count < 10; count++) yield { expiresAt: anywhere(), endedAt: randomInt(2) === 0 ? null : anywhere() };
}

/** What each statement of the store that asks for live sessions says of one. */
async function answers(db: Database, session: SessionRecord): Promise<Record<string, boolean>> {
  const { sid, userId } = session;
  const listed = async (state: SessionState): Promise<boolean> => {
    const page = { order: 'created_at', descending: true, after: null, limit: 1000 } as const;
    return (await browseSessions(db, { state }, page, NOW)).some((each) => each.session.sid === sid);
  };
  await insertReferenceToken(db, { tokenHash: sid, sessionId: session.id, issuedAt: NOW, expiresAt: NOW + 1 });
  return {
    found: (await findLiveSession({ db, now: () => NOW }, sid)) !== null,
    'in the list of active or pending sessions': (await listed('active')) || (await listed('pending')),
    ...(userId !== null && { "in the user's own list": (await listSessions(db, userId, NOW)).some((each) => each.sid === sid) }),
    'opened by a reference token': (await findReferenceToken(db, sid, NOW)) !== null,
    // These write, so they come last.
    touched: await touchSession(db, { sid, at: NOW, ip: 'elsewhere', userAgent: '', expiresAt: session.expiresAt }).then(
      async () => (await findListedSession(db, sid, NOW))?.session.ip === 'elsewhere',
    ),
    updated: await updateSession(db, { ...session }, NOW),
    extended: await extendSession(db, { sid, now: NOW, expiresAt: session.expiresAt }),
  };
}

onEach(
  'every statement that asks for live sessions agrees with the rule in code',
  async (db) => {
    const seen = new Set<boolean>();
    for (const owner of OWNERS) {
      for (const { expiresAt, endedAt } of times()) {
        const userId = await addOwner(db, owner);
        const session = await addSession(db, { userId, expiresAt, endedAt, endedReason: endedAt === null ? null : 'revoked' });
        const row = await findListedSession(db, session.sid, NOW);
        assert.ok(row);
        const expected = isLive(row, NOW);
        seen.add(expected);
        for (const [what, answer] of Object.entries(await answers(db, session))) {
          assert.equal(answer, expected, `${what}: owner ${owner}, expires at now + ${expiresAt - NOW}, ended at ${endedAt}`);
        }
      }
    }
    assert.equal(seen.size, 2);
  },
  ['memory', 'postgresql'],
);

onEach(
  'a session of a user who is active again is live again',
  async (db) => {
    const { id: userId } = await addUser(db);
    const { sid } = await addSession(db, { userId });
    const kit = { db, now: () => NOW };
    await updateUser(db, userId, { isActive: false });
    assert.equal(await findLiveSession(kit, sid), null);
    await updateUser(db, userId, { isActive: true });
    assert.equal((await findLiveSession(kit, sid))?.user?.id, userId);
  },
  ['memory', 'postgresql'],
);
