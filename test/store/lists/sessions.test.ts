import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import type { Database, DatabaseConfig } from '../../../src/store/engine/database.ts';
import { browse, fragment } from '../../../src/store/engine/fragments.ts';
import { browseSessions, countSessions, revokeSessions, type SessionFilter, type SessionOrder } from '../../../src/store/lists/sessions.ts';
import { numberOf, numberOrNull, textOf, textOrNull, type Row } from '../../../src/store/engine/statements.ts';
import { browseUsers, countUsers } from '../../../src/store/lists/users.ts';
import { openBulkLoader } from '../../bench/bulk.ts';
import { newSomebody, rowsOf, type Somebody } from '../../bench/people.ts';
import { Chronicle, newVisit, newWaiting } from '../../bench/visits.ts';
import { addUser, DAY, onEach } from '../databases.ts';

/** When the sessions were created; some have expired since, but are not marked as expired yet. */
const LAID = 2_000_000_000;
const NOW = LAID + 2 * DAY;

/** More than a search names, so that lists are walked too; and of sessions more than are fetched and sorted. */
const USERS = 2400;
const SESSIONS = 3 * USERS;

async function lay(config: DatabaseConfig): Promise<void> {
  const loader = await openBulkLoader(config, tmpdir());
  const users = Array.from({ length: USERS }, (_, index) => newSomebody(index, LAID - 200 * DAY + index, ''));
  const chronicle = new Chronicle(LAID - 90 * DAY);
  const staff = users[0]?.id ?? '';
  const sessions = Array.from({ length: SESSIONS }, (_, index) => {
    const user = users[(index * 7) % USERS] as Somebody; // there are as many
    const visit = { id: index + 1, user, createdAt: LAID - 80 * DAY + index * 950, now: LAID, staff };
    return index % 40 === 0 ? newWaiting(visit) : newVisit(visit, chronicle).session;
  });
  await loader.insert('sessions', sessions.flat());
  const people = users.map(rowsOf);
  for (const table of ['users', 'emails', 'user_search'] as const) {
    await loader.insert(
      table,
      people.flatMap((each) => each[table]),
    );
  }
  await loader.finish();
}

/** All sessions with what the filters look at. */
function readAll(db: Database): Promise<Row[]> {
  return browse(
    db,
    fragment(
      `SELECT s.*, u.is_active AS live, x.text AS text FROM sessions AS s LEFT JOIN users AS u ON u.id = s.user_id
       LEFT JOIN user_search AS x ON x.user_id = s.user_id`,
    ),
  );
}

/** What each filter means, asked of each row. */
function isMatch(row: Row, filter: SessionFilter): boolean {
  const [ended, lives, user] = [numberOrNull(row, 'ended_at'), numberOf(row, 'expires_at') > NOW, textOrNull(row, 'user_id')];
  const states = {
    active: ended === null && lives && user !== null && Boolean(row['live']),
    pending: ended === null && lives && user === null,
    expired: ended === null && !lives,
    revoked: ended !== null,
    any: true,
  };
  const { q, userId, createdAfter = 0, createdBefore = Infinity, idleSince = Infinity, secondFactor, endedReason, ip } = filter;
  const [text, address, created, seen] = [
    `\n${String(row['text'])}`,
    textOf(row, 'ip'),
    numberOf(row, 'created_at'),
    numberOf(row, 'last_seen_at'),
  ];
  const found =
    q === undefined || (user !== null && text.includes(q.length < 3 ? `\n${q}` : q)) || (/^[\d.:]+$/.test(q) && address.startsWith(q));
  return [
    ...[states[filter.state], found, created >= createdAfter, created < createdBefore, seen <= idleSince],
    userId === undefined || user === userId,
    secondFactor === undefined || Boolean(row['second_factor']) === secondFactor,
    endedReason === undefined || row['ended_reason'] === endedReason,
    ip === undefined || address === ip,
  ].every(Boolean);
}

/** The ids of all pages, one after the other. */
async function walk(db: Database, filter: SessionFilter, order: SessionOrder, descending: boolean): Promise<number[]> {
  const ids: number[] = [];
  const limit = 700;
  for (let after = null; ;) {
    const page = await browseSessions(db, filter, { order, descending, after, limit }, NOW);
    ids.push(...page.map(({ session }) => session.id));
    const last = page.at(-1)?.session;
    if (page.length < limit || !last) return ids;
    after = { value: order === 'created_at' ? last.createdAt : last.lastSeenAt, id: last.id };
  }
}

function filtersFor(rows: readonly Row[]): SessionFilter[] {
  const some = rows.find((row) => textOrNull(row, 'user_id') !== null && textOf(row, 'ip').startsWith('10.')) ?? {};
  const states = ['active', 'expired', 'revoked', 'pending', 'any'] as const;
  const [userId, ip, email] = [textOf(some, 'user_id'), textOf(some, 'ip'), textOf(some, 'text').split('\n')[1]];
  const searches = [
    'anna',
    'example',
    'an',
    'zz',
    'corp.example',
    '10.',
    '10.1',
    '192.0.2',
    '2001:',
    ip,
    email,
    'nobody',
    'ampamp', // each of its trigrams is in every address, and it in none
    'a"b"c"d',
    "' OR 1=1 --",
    '%',
  ];
  return [
    ...states.map((state) => ({ state })),
    ...searches.flatMap((q) => states.map((state) => ({ state, q }))),
    ...states.flatMap((state) => [
      { state, userId },
      { state, ip },
      { state, ip: '192.0.2.1' },
      { state, secondFactor: true },
    ]),
    ...states.map((state) => ({ state, endedReason: 'refresh_token_reused' as const })),
    ...[10, 40, 79].flatMap((days) => [
      { state: 'any' as const, createdAfter: LAID - days * DAY },
      { state: 'active' as const, createdBefore: LAID - days * DAY },
      { state: 'active' as const, idleSince: LAID - days * DAY },
      { state: 'revoked' as const, createdAfter: LAID - days * DAY, q: 'anna', secondFactor: false },
      { state: 'any' as const, createdBefore: LAID - days * DAY, q: 'example' },
    ]),
  ];
}

onEach(
  'each filter gives what it says, in each order, page after page, and counts it; whether few match or many',
  async (db, _, config) => {
    await lay(config);
    const rows = await readAll(db);
    assert.equal(rows.length, SESSIONS);
    for (const filter of filtersFor(rows)) {
      const matching = rows.filter((row) => isMatch(row, filter));
      for (const order of ['created_at', 'last_seen_at'] as const) {
        const sorted = matching.toSorted((a, b) => numberOf(a, order) - numberOf(b, order) || numberOf(a, 'id') - numberOf(b, 'id'));
        const ids = sorted.map((row) => numberOf(row, 'id'));
        const descending = order === 'created_at';
        assert.deepEqual(await walk(db, filter, order, descending), descending ? ids.reverse() : ids, `${JSON.stringify(filter)} ${order}`);
      }
      const users = new Set(matching.map((row) => textOrNull(row, 'user_id')).filter((id) => id !== null));
      assert.deepEqual(await countSessions(db, filter, NOW), { sessions: matching.length, users: users.size }, JSON.stringify(filter));
    }
  },
  ['file', 'postgresql'],
);

onEach(
  'a revocation by a filter ends as many as were counted, the many that a search finds too',
  async (db, _, config) => {
    await lay(config);
    const how = { at: NOW, by: null, note: null, exceptSid: null };
    for (const filter of [{ q: 'anna' }, { q: '10.1' }, { q: 'example', secondFactor: true }, { q: 'corp.example' }, {}].map((each) => ({
      state: 'active' as const,
      ...each,
    }))) {
      const { sessions } = await countSessions(db, filter, NOW);
      assert.ok(sessions > 0, JSON.stringify(filter));
      const ended = await db.transaction((own) => revokeSessions(own, { filter }, how));
      assert.equal(ended.length, sessions, JSON.stringify(filter));
      assert.deepEqual(await countSessions(db, filter, NOW), { sessions: 0, users: 0 });
    }
  },
  ['file', 'postgresql'],
);

onEach(
  'users are found by a part of their name, few and many, and counted',
  async (db, _, config) => {
    await lay(config);
    const texts = await browse(db, fragment('SELECT user_id, text FROM user_search ORDER BY user_id'));
    for (const q of ['anna', 'example', 'smith', 'nobody']) {
      const ids = texts.filter((row) => textOf(row, 'text').includes(q)).map((row) => textOf(row, 'user_id'));
      const page = await browseUsers(db, { q }, { after: null, descending: false, limit: USERS }, NOW);
      assert.deepEqual(
        page.map(({ user }) => user.id),
        ids,
        q,
      );
      assert.equal(await countUsers(db, { q }), ids.length, q);
    }
  },
  ['file', 'postgresql'],
);

onEach(
  'a sigma is the same letter wherever it stands, however much of the name is typed',
  async (db) => {
    const { id } = await addUser(db, { username: 'ΑΝΑΣΤΑΣΙΟΣ' });
    await addUser(db, { username: 'αναστάτωση' });
    for (const q of ['ΣΤΑΣ', 'ΑΝΑΣΤΑΣ', 'αναστας', 'αναστασ', 'αστασιοσ', 'αστασιος', 'ΑΝΑΣΤΑΣΙΟΣ']) {
      const page = await browseUsers(db, { q }, { after: null, descending: false, limit: 10 }, NOW);
      assert.deepEqual(
        page.map(({ user }) => user.id),
        [id],
        q,
      );
    }
  },
  ['file', 'postgresql'],
);

onEach(
  'a list reads on a connection that cannot write',
  async (db) => {
    await assert.rejects(browse(db, fragment('UPDATE users SET is_staff = is_staff')), /read-only|readonly/);
  },
  ['file', 'postgresql'],
);
