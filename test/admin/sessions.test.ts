import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newEmail } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { adminServer, API, newAdmin, newPerson } from './support.ts';

const idsIn = (data: unknown): unknown[] => (Array.isArray(data) ? data.map((each) => dig(each, 'id')) : []);

test('the list shows all users’ sessions, and nothing of their tokens', async (t) => {
  const server = await adminServer(t);
  const person = await newPerson(server);
  const reply = await server.admin.get(`${API}/sessions`);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(idsIn(reply.data).length, 2);
  const row = (reply.data as unknown[]).find((each) => dig(each, 'id') === person.sid);
  assert.deepEqual(dig(row, 'user'), { id: person.id, email: person.email, display: person.email.split('@')[0] });
  assert.deepEqual([dig(row, 'live_refresh_tokens'), dig(row, 'is_current'), dig(row, 'state')], [1, false, 'active']);
  assert.doesNotMatch(reply.text, /hash/i);
  assert.deepEqual(dig(reply.meta, 'pagination'), { next: null, previous: null, limit: 50 });
});

test('a search finds by part of the address, by name, by address of the network', async (t) => {
  const server = await adminServer(t);
  const person = await newPerson(server, 'jane.smith@example.org');
  await newPerson(server, 'joe_50%@example.org');
  const find = async (q: string) => {
    const reply = await server.admin.get(`${API}/sessions?q=${encodeURIComponent(q)}`);
    assert.equal(reply.status, 200, reply.text);
    return idsIn(reply.data);
  };
  for (const q of ['smith', 'JANE', 'jane.smith@example.org', 'ja', 'ne.sm']) assert.deepEqual(await find(q), [person.sid], q);
  assert.deepEqual([(await find('127.0.0')).length, (await find('0%@')).length], [3, 1]);
  for (const q of ['nobody', '%', "'; DROP TABLE users --", '"', 'a" OR "b', '\\', '___', '10.0.0.1', 'x'.repeat(200)])
    assert.deepEqual(await find(q), [], q);
  for (const q of ['x'.repeat(201), '\0', '\ud800']) {
    const raw = q === '\ud800' ? '%ED%A0%80' : encodeURIComponent(q);
    const { status } = await server.admin.get(`${API}/sessions?q=${raw}`);
    assert.ok(status === 400 || status === 200, 'never a failure');
  }
  const users = await server.admin.get(`${API}/users?q=smith`);
  assert.deepEqual(idsIn(users.data), [person.id]);
});

test('revoking ends session, refresh token and stateful access; again it is 200, and the audit log tells it once', async (t) => {
  const server = await adminServer(t);
  const person = await newPerson(server);
  const reply = await server.admin.delete(`${API}/sessions/${person.sid}`, { reason: 'stolen laptop' });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(
    [
      dig(reply.data, 'revoked_by'),
      dig(reply.data, 'revoked_reason'),
      dig(reply.data, 'revoked_kind'),
      dig(reply.data, 'live_refresh_tokens'),
    ],
    [server.admin.id, 'stolen laptop', 'revoked', 0],
  );
  assert.equal(typeof dig(reply.data, 'access_tokens_valid_until'), 'number');
  assert.equal((await person.app.refresh()).status, 400);
  assert.equal((await person.app.session({ auth: 'session' })).status, 410);
  server.clock.advance(1);
  const again = await server.admin.delete(`${API}/sessions/${person.sid}`, { reason: 'other' });
  assert.deepEqual(
    [again.status, dig(again.data, 'revoked_reason'), dig(again.data, 'revoked_at')],
    [200, 'stolen laptop', dig(reply.data, 'revoked_at')],
  );
  const detail = await server.admin.get(`${API}/sessions/${person.sid}`);
  const events = dig(detail.data, 'events') as unknown[];
  assert.equal(events.filter((each) => dig(each, 'event') === 'session_revoked').length, 1);
  assert.deepEqual(idsIn((await server.admin.get(`${API}/sessions?state=revoked&revoked_kind=revoked`)).data), [person.sid]);
});

test('the events of a session say who acted', async (t) => {
  const server = await adminServer(t);
  const person = await newPerson(server);
  await server.admin.delete(`${API}/sessions/${person.sid}`);
  const { data } = await server.admin.get(`${API}/sessions/${person.sid}`);
  const told = (dig(data, 'events') as unknown[]).map((each) => [dig(each, 'event'), dig(each, 'actor')]);
  assert.deepEqual(told, [
    ['session_revoked', { id: server.admin.id, email: server.admin.email }],
    ['login', { id: person.id, email: person.email }],
  ]);
});

test('by filter, nothing is revoked unless the number is the one expected; never the caller’s own session', async (t) => {
  const server = await adminServer(t);
  const people = [await newPerson(server), await newPerson(server), await newPerson(server)];
  const revoke = (body: object) => server.admin.post(`${API}/sessions/revoke`, body);
  const wrong = await revoke({ filter: {}, expected: 4 });
  assert.deepEqual([wrong.status, ...wrong.errorCodes], [409, 'expected:expected_differs']);
  assert.equal(idsIn((await server.admin.get(`${API}/sessions`)).data).length, 4);
  const right = await revoke({ filter: {}, expected: 3 });
  assert.deepEqual([right.status, right.data], [200, { revoked: 3 }]);
  for (const { app } of people) assert.equal((await app.refresh()).status, 400);
  assert.equal((await server.admin.session()).status, 200);
  for (const body of [
    {},
    { ids: [], filter: {}, expected: 0 },
    { filter: {} },
    { ids: [], expected: 1 },
    { ids: ['x'] },
    { filter: { nope: 1 }, expected: 0 },
    { more: 1, ids: [] },
  ])
    assert.equal((await revoke(body)).status, 400, JSON.stringify(body));
  const last = await revoke({ filter: { state: 'any' }, expected: 1, include_current: true });
  assert.deepEqual([last.status, last.data], [200, { revoked: 1 }]);
  assert.equal((await server.admin.session()).status, 401);
});

test('revoking that races with refreshing never leaves a live token', async (t) => {
  const server = await adminServer(t);
  const people = await Promise.all(Array.from({ length: 6 }, () => newPerson(server)));
  await Promise.all(
    people.flatMap(({ app, sid }) => [
      (async () => {
        for (let turn = 0; turn < 5 && (await app.refresh()).status === 200; turn++);
      })(),
      server.admin.delete(`${API}/sessions/${sid}`),
    ]),
  );
  for (const { app, sid } of people) {
    assert.equal((await app.refresh()).status, 400);
    assert.equal(dig((await server.admin.get(`${API}/sessions/${sid}`)).data, 'live_refresh_tokens'), 0);
  }
});

test('the count tells of how many users the sessions are, in each state', async (t) => {
  const server = await adminServer(t);
  const people = [await newPerson(server), await newPerson(server), await newPerson(server)];
  const [ada, bob] = people.map(({ email }) => email);
  for (let count = 0; count < 2; count += 1) for (const email of [ada, bob]) await server.app().login(email ?? '');
  const totals = async (query: string): Promise<unknown[]> => {
    const { meta } = await server.admin.get(`${API}/sessions?count=true&limit=1&${query}`);
    return [dig(meta, 'pagination', 'count'), dig(meta, 'pagination', 'users')];
  };
  assert.deepEqual(await totals('state=active'), [8, 4], 'the admin is one of them');
  assert.deepEqual(await totals(`q=${ada}`), [3, 1]);
  const revoked = await server.admin.post(`${API}/sessions/revoke`, { filter: { q: ada }, expected: 3 });
  assert.deepEqual(revoked.data, { revoked: 3 });
  assert.deepEqual(await totals('state=revoked'), [3, 1]);
  assert.deepEqual(await totals('state=any'), [8, 4]);
  assert.deepEqual(await totals('state=pending'), [0, 0]);
  const { meta } = await server.admin.get(`${API}/sessions`);
  assert.deepEqual(Object.keys(dig(meta, 'pagination') as object).sort(), ['limit', 'next', 'previous'], 'only when it is asked for');
});

test('two admins who revoke the same at once count each session once', async (t) => {
  const server = await adminServer(t);
  const other = await newAdmin(server);
  const people = await Promise.all(Array.from({ length: 5 }, () => newPerson(server)));
  const ids = people.map(({ sid }) => sid);
  const replies = await Promise.all([server.admin, other].map((admin) => admin.post(`${API}/sessions/revoke`, { ids })));
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 200],
  );
  assert.equal(
    replies.reduce((sum, { data }) => sum + Number(dig(data, 'revoked')), 0),
    5,
  );
});

test('pages lose and repeat nothing while sessions come and go', async (t) => {
  const server = await adminServer(t);
  const old = [];
  for (let count = 0; count < 12; count++) old.push((await newPerson(server)).sid);
  const seen: unknown[] = [];
  const gone = new Set<string>();
  let next: string | null = '';
  for (let page = 0; next !== null; page++) {
    const reply = await server.admin.get(`${API}/sessions?limit=3&cursor=${next}`);
    assert.equal(reply.status, 200, reply.text);
    seen.push(...idsIn(reply.data));
    next = dig(reply.meta, 'pagination', 'next') as string | null;
    await newPerson(server);
    const unseen = old.find((sid) => !seen.includes(sid) && !gone.has(sid));
    if (unseen !== undefined && page < 2) {
      gone.add(unseen);
      await server.admin.delete(`${API}/sessions/${unseen}`);
    }
  }
  assert.equal(new Set(seen).size, seen.length, 'nothing twice');
  for (const sid of old) assert.equal(seen.includes(sid), !gone.has(sid));
});

test('pages go back the way they came, and a cursor of another order is refused', async (t) => {
  const server = await adminServer(t);
  for (let count = 0; count < 5; count++) await newPerson(server);
  for (const sort of ['created_at', '-created_at', 'last_seen_at', '-last_seen_at']) {
    const first = await server.admin.get(`${API}/sessions?limit=2&sort=${sort}&count=true`);
    assert.equal(dig(first.meta, 'pagination', 'count'), 6);
    const second = await server.admin.get(`${API}/sessions?limit=2&sort=${sort}&cursor=${String(dig(first.meta, 'pagination', 'next'))}`);
    const back = await server.admin.get(
      `${API}/sessions?limit=2&sort=${sort}&cursor=${String(dig(second.meta, 'pagination', 'previous'))}`,
    );
    assert.deepEqual(idsIn(back.data), idsIn(first.data), sort);
    assert.equal(dig(back.meta, 'pagination', 'previous'), null);
    const other = sort === 'created_at' ? '-created_at' : 'created_at';
    assert.equal(
      (await server.admin.get(`${API}/sessions?sort=${other}&cursor=${String(dig(first.meta, 'pagination', 'next'))}`)).status,
      400,
    );
  }
  for (const bad of ['x', 'W10', 'WzEsMl0', '%00', "'"])
    assert.equal((await server.admin.get(`${API}/sessions?cursor=${bad}`)).status, 400, bad);
});

test('expired sessions are in the list of expired ones at once', async (t) => {
  const server = await adminServer(t, { SESSION_COOKIE_AGE: 1000, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000 });
  const { sid } = await newPerson(server);
  server.clock.advance(1001);
  const admin = await newAdmin(server);
  assert.ok(idsIn((await admin.get(`${API}/sessions?state=expired`)).data).includes(sid));
  assert.ok(!idsIn((await admin.get(`${API}/sessions`)).data).includes(sid));
});

test('sessions that run on of who was deactivated by other means are not active, and in none of the states but any', async (t) => {
  const server = await adminServer(t, {
    SESSION_COOKIE_AGE: 1000,
    HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000,
    ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  });
  const [ended, lapsing] = [await newPerson(server), await newPerson(server)];
  await server.admin.delete(`${API}/sessions/${ended.sid}`);
  server.clock.advance(1001);
  const admin = await newAdmin(server);
  const [dormant, live] = [await newPerson(server, 'dora@example.org'), await newPerson(server)];
  await server.app().post('auth/code/request', { email: live.email });
  await server.kit.db.transaction((db) => db.knex('users').where({ id: dormant.id }).update({ is_active: false }));
  const listed = async (query: string): Promise<unknown[]> => {
    const reply = await admin.get(`${API}/sessions?count=true&${query}`);
    assert.equal(reply.status, 200, reply.text);
    const rows = reply.data as unknown[];
    assert.equal(dig(reply.meta, 'pagination', 'count'), rows.length, query);
    const state = /state=(\w+)/.exec(query)?.[1];
    if (state !== 'any')
      assert.ok(
        rows.every((each) => dig(each, 'state') === state),
        query,
      );
    return idsIn(rows);
  };
  for (const sort of ['created_at', '-last_seen_at']) {
    const [active, expired, revoked, pending, any] = await Promise.all(
      ['active', 'expired', 'revoked', 'pending', 'any'].map((state) => listed(`state=${state}&sort=${sort}`)),
    );
    assert.deepEqual([active?.length, revoked, pending?.length], [2, [ended.sid], 1]);
    assert.deepEqual(
      [expired?.length, expired?.includes(dormant.sid), expired?.includes(lapsing.sid)],
      [2, false, true],
      'and the first admin’s',
    );
    assert.deepEqual([active, expired, revoked, pending, dormant.sid].flat().sort(), any?.toSorted());
  }
  for (const query of [`user=${dormant.id}`, 'q=dora', `user=${dormant.id}&ip=127.0.0.1`])
    assert.deepEqual(await listed(`state=any&${query}`), [dormant.sid], query);
  assert.equal(dig((await admin.get(`${API}/stats`)).data, 'active_sessions'), 2);
});

test('a login that waits is pending, shows whose it is, and is found by that user', async (t) => {
  const server = await adminServer(t, { ACCOUNT_EMAIL_VERIFICATION: 'mandatory' });
  const [email, other] = [newEmail(), newEmail()];
  for (const each of [email, other]) assert.equal((await server.app().signup(each)).status, 401);
  const all = await server.admin.get(`${API}/sessions?state=pending`);
  const shown = (all.data as { user: { id: string; email: string } | null; state: string }[]).map(({ user, state }) => [
    user?.email,
    state,
  ]);
  assert.deepEqual(
    shown.sort(),
    [email, other].sort().map((each) => [each, 'pending']),
  );
  const id = (all.data as { user: { id: string; email: string } }[]).find(({ user }) => user.email === email)?.user.id ?? '';
  const own = await server.admin.get(`${API}/sessions?state=pending&user=${id}&count=true`);
  assert.deepEqual(
    [(own.data as unknown[]).length, dig(own.data, 0, 'user', 'email'), dig(own.meta, 'pagination', 'count')],
    [1, email, 1],
  );
  const revoked = await server.admin.post(`${API}/sessions/revoke`, { filter: { state: 'pending', user: id }, expected: 1 });
  assert.deepEqual([revoked.status, dig(revoked.data, 'revoked')], [200, 1], revoked.text);
  assert.equal(((await server.admin.get(`${API}/sessions?state=pending`)).data as unknown[]).length, 1);
});
