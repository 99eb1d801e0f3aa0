import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dig } from '../support/http.ts';
import { adminServer, API, newPerson, type AdminServer, type Person } from './support.ts';

const idsIn = (data: unknown): unknown[] => (Array.isArray(data) ? data.map((each) => dig(each, 'id')) : []);

/** Reads a list page by page to its end, and does something between the pages. */
async function readPages(server: AdminServer, list: string, between: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const pages = { next: '' as string | null };
  while (pages.next !== null) {
    const [reply] = await Promise.all([server.admin.get(`${API}/${list}&limit=2&cursor=${pages.next}`), between()]);
    assert.equal(reply.status, 200, reply.text);
    seen.push(...idsIn(reply.data));
    pages.next = dig(reply.meta, 'pagination', 'next') as string | null; // the admin API's own form
  }
  return seen;
}

for (const list of [
  'sessions?sort=-created_at',
  'sessions?sort=created_at',
  'sessions?q=example&sort=-created_at',
  'users?sort=-date_joined',
]) {
  test(`${list}: pages that are read while rows come and are revoked at the same time lose and repeat none`, async (t) => {
    const server = await adminServer(t);
    const people: Person[] = [];
    for (let count = 0; count < 8; count++) people.push(await newPerson(server));
    const revoked: string[] = [];
    let turns = 0;
    const seen = await readPages(server, list, async () => {
      if (turns++ > 5) return;
      const victim = people[turns * 3];
      const victims = victim ? [victim.sid] : [];
      revoked.push(...victims);
      await Promise.all([newPerson(server), ...victims.map((sid) => server.admin.delete(`${API}/sessions/${sid}`))]);
    });
    assert.equal(new Set(seen).size, seen.length, 'nothing twice');
    const stayed = people.filter(({ sid }) => list.startsWith('users') || !revoked.includes(sid));
    for (const { sid, id } of stayed) assert.ok(seen.includes(list.startsWith('users') ? id : sid), 'nothing lost');
  });
}

const cursorOf = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

test('whatever a parameter holds is refused by name, or looked for as it is: never a failure, never more than it asks for', async (t) => {
  const server = await adminServer(t);
  await newPerson(server);
  const hostile = [
    "' OR 1=1 --",
    "'; DROP TABLE sessions; --",
    '" OR ""="',
    '") OR 1=1 --',
    '%',
    '_',
    '\\',
    '* NEAR(',
    'text:a OR b',
    '{"a":1}',
    '${1}',
    '?1 $1 :a',
    '\u0000',
    '\u{10ffff}',
    'ÿ'.repeat(100),
    '1e999',
    '-1',
    '9'.repeat(40),
    'x'.repeat(5000),
  ];
  const parameters = {
    sessions: [
      'q',
      'user',
      'ip',
      'state',
      'sort',
      'cursor',
      'limit',
      'count',
      'created_after',
      'created_before',
      'idle_since',
      'second_factor',
      'revoked_kind',
    ],
    users: ['q', 'is_active', 'is_staff', 'sort', 'cursor', 'limit', 'count'],
    audit: ['user', 'event', 'session', 'ip', 'after', 'before', 'cursor', 'limit'],
    stats: ['from', 'to', 'bucket'],
  };
  for (const [list, names] of Object.entries(parameters)) {
    for (const name of names) {
      for (const value of hostile) {
        const reply = await server.admin.get(`${API}/${list}?${name}=${encodeURIComponent(value)}`);
        const what = `${list} ${name} ${value.slice(0, 30)}`;
        assert.ok(reply.status === 400 || reply.status === 200, `${what}: ${reply.status}`);
        if (reply.status === 400) assert.match(reply.errorCodes.join(), new RegExp(`^${name}:|^:`), what);
        else assert.ok(list === 'stats' || idsIn(reply.data).length === 0 || name === 'limit', `${what} finds nothing`);
      }
    }
  }
  const forged = [
    cursorOf(1, '-created_at', 0, '0) OR 1=1 --', 1),
    cursorOf(1, '-created_at', 0, 1, { $gt: 0 }),
    cursorOf(1, '-created_at', 2, 1, 1),
    cursorOf(1, '-created_at', 0, 1e300, 1),
    cursorOf(1, '-created_at', 0),
    cursorOf(2, '-created_at', 0, 1, 1),
    cursorOf(1, 'ip', 0, 1, 1),
    cursorOf(1, '-created_at', 0, 1, 1, 1),
    'A'.repeat(401),
    '!!!',
  ];
  for (const cursor of forged) {
    const reply = await server.admin.get(`${API}/sessions?cursor=${encodeURIComponent(cursor)}`);
    assert.deepEqual([reply.status, reply.errorCodes], [400, ['cursor:invalid']], cursor.slice(0, 60));
  }
  for (const id of ['\0', "' OR 1=1 --", 'x']) {
    const reply = await server.admin.get(`${API}/users?cursor=${cursorOf(1, 'users -date_joined', 0, id)}`);
    assert.deepEqual([reply.status, reply.errorCodes], [400, ['cursor:invalid']], id);
  }
});
