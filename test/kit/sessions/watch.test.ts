import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { watchSessions } from '../../../src/kit/sessions/watch.ts';
import { DatabaseUnavailable } from '../../../src/store/engine/database.ts';
import { setUserExtra, updateUser } from '../../../src/store/users.ts';
import { adminServer, API, newPerson, type AdminServer, type Person } from '../../admin/support.ts';
import { until } from '../../support/until.ts';
import { PASSWORD } from '../../support/clients.ts';
import { testDatabase } from '../../support/database.ts';
import { secret } from '../../support/secrets.ts';
import type { TestServer } from '../../support/server.ts';

const NEXT_PASSWORD = 'another-Horse-battery-1';
secret(NEXT_PASSWORD);

async function twoServers(t: TestContext): Promise<[here: AdminServer, there: AdminServer]> {
  const DATABASE = await testDatabase(t);
  return [await adminServer(t, { DATABASE }), await adminServer(t, { DATABASE })];
}

interface Heard {
  ended: string[];
  users: string[];
  /** Positions of the feed from which on everything is reported. */
  synced: number[];
  lost: unknown[];
  unsubscribe: () => void;
}

/** Subscribes and writes down what is reported; ready once in sync. */
async function listen({ kit }: Pick<TestServer, 'kit'>): Promise<Heard> {
  const heard: Heard = { ended: [], users: [], synced: [], lost: [], unsubscribe: () => undefined };
  heard.unsubscribe = watchSessions(kit, {
    synced: (position) => void heard.synced.push(position),
    ended: (sids) => void heard.ended.push(...sids),
    usersChanged: (userIds) => void heard.users.push(...userIds),
    lost: (error) => void heard.lost.push(error),
  });
  assert.deepEqual(heard.synced, [], 'nothing is reported before it returns');
  await until(() => heard.synced.length === 1);
  return heard;
}

const appAt = (server: TestServer, { app: { sessionToken, accessToken } }: Person) =>
  Object.assign(server.app(), { sessionToken, accessToken });

type Change = (server: AdminServer, person: Person) => Promise<{ status: number } | boolean>;

/** What ends a session or changes a user, with what is to be heard of it. */
const CHANGES: readonly (readonly [what: string, hears: readonly ('end' | 'user')[], change: Change])[] = [
  ['a logout', ['end'], (server, person) => appAt(server, person).logout({ auth: 'session' })],
  ['a revocation', ['end'], ({ admin }, { sid }) => admin.delete(`${API}/sessions/${sid}`)],
  ['a deactivation', ['end', 'user'], ({ admin }, { id }) => admin.patch(`${API}/users/${id}`, { is_active: false })],
  ['a promotion', ['user'], ({ admin }, { id }) => admin.patch(`${API}/users/${id}`, { is_staff: true })],
  [
    'another password',
    ['end', 'user'],
    (server, person) => appAt(server, person).post('account/password/change', { current_password: PASSWORD, new_password: NEXT_PASSWORD }),
  ],
  [
    'a deletion',
    ['end', 'user'],
    async (server, person) => {
      const app = appAt(server, person);
      await app.post('auth/reauthenticate', { password: PASSWORD });
      return app.delete('account');
    },
  ],
  ['a deactivation beside the API', ['end', 'user'], ({ kit }, { id }) => updateUser(kit.db, id, { isActive: false })],
  ['what a plugin keeps with a user', ['user'], ({ kit }, { id }) => setUserExtra(kit.db, id, { name: 'Ann' })],
];

for (const where of ['here', 'at another server'] as const) {
  test(`ends and changes that are made ${where} are reported, without a reader of the feed`, async (t) => {
    const [here, there] = await twoServers(t);
    const made = where === 'here' ? here : there;
    const heard = await listen(here);
    for (const [what, hears, change] of CHANGES) {
      const person = await newPerson(made);
      Object.assign(heard, { ended: [], users: [] });
      const outcome = await change(made, person);
      assert.ok(outcome === true || (typeof outcome === 'object' && [200, 401].includes(outcome.status)), what);
      const isHeard = (): boolean =>
        hears.includes('end') === heard.ended.includes(person.sid) && hears.includes('user') === heard.users.includes(person.id);
      await until(isHeard).catch(() => assert.fail(what));
      assert.ok(heard.users.every((id) => id === person.id) && heard.ended.every((sid) => sid === person.sid), what);
    }
    assert.deepEqual([heard.synced.length, heard.lost], [1, []]);
  });
}

test('what changes nothing that a session remembers is not reported', async (t) => {
  const [here, there] = await twoServers(t);
  const heard = await listen(here);
  const person = await newPerson(there);
  assert.equal((await person.app.refresh()).status, 200);
  assert.equal((await there.app().login(person.email)).status, 200);
  assert.equal((await there.app().login(person.email, 'wrong')).status, 400);
  const last = await newPerson(there);
  await last.app.logout({ auth: 'session' });
  await until(() => heard.ended.length > 0);
  assert.deepEqual([heard.ended, heard.users], [[last.sid], []]);
});

test('the database is asked four times a second for any number of listeners, and not without one', async (t) => {
  const server = await adminServer(t);
  const asked = t.mock.method(server.kit.db, 'all');
  const looks = (): number => asked.mock.calls.filter(({ arguments: [{ name }] }) => name === 'user_changes_positions').length;
  const all = [await listen(server), await listen(server), await listen(server)];
  const before = looks();
  await sleep(1500);
  const within = looks() - before;
  assert.ok(within >= 1 && within <= 7, `${within} questions in 1.5 seconds`);

  for (const { unsubscribe } of all) unsubscribe();
  await sleep(300); // a look that was under way
  const after = looks();
  await (await newPerson(server)).app.logout();
  await sleep(700);
  assert.equal(looks(), after);

  const late = await listen(server);
  assert.ok((late.synced[0] ?? 0) > (all[0]?.synced[0] ?? 0), 'what happened while nobody listened is behind it');
  assert.deepEqual(late.ended, []);
});

test('who listens is told when the database is away, and from where on everything is reported again', async (t) => {
  const [here, there] = await twoServers(t);
  const heard = await listen(here);
  const all = here.kit.db.all.bind(here.kit.db);
  let isAway = true;
  t.mock.method(here.kit.db, 'all', (...[statement, values]: Parameters<typeof all>) =>
    isAway && statement.name === 'user_changes_positions' ? Promise.reject(new DatabaseUnavailable('away')) : all(statement, values),
  );
  await until(() => heard.lost.length > 0);
  assert.ok(heard.lost[0] instanceof DatabaseUnavailable);
  const [unheard, next] = [await newPerson(there), await newPerson(there)];
  await unheard.app.logout({ auth: 'session' });
  isAway = false;
  await until(() => heard.synced.length === 2);
  assert.ok((heard.synced[1] ?? 0) > (heard.synced[0] ?? 0));
  assert.deepEqual(heard.ended, [], 'it is behind the new position');
  await next.app.logout({ auth: 'session' });
  await until(() => heard.ended.includes(next.sid));
});

test('a server that did not look for a minute says that what was read before may be out of date', async (t) => {
  const server = await adminServer(t);
  const heard = await listen(server);
  server.clock.advance(59);
  await sleep(600);
  assert.equal(heard.synced.length, 1);
  server.clock.advance(61);
  await until(() => heard.synced.length === 2);
});

test('more than are read at once are all reported, once and in their order', async (t) => {
  const server = await adminServer(t);
  const heard = await listen(server);
  const numbers =
    server.kit.db.dialect === 'sqlite'
      ? 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10050) SELECT i FROM n'
      : 'SELECT i FROM generate_series(1, 10050) AS i';
  await server.kit.db.transaction(async ({ knex }) => {
    await knex.raw(`INSERT INTO revocations (sid, revoked_at, expires_at) SELECT 's' || i, 0, 9 FROM (${numbers}) AS numbers ORDER BY i`);
    await knex.raw(`INSERT INTO user_changes (user_id, changed_at) SELECT 'u' || i, 0 FROM (${numbers}) AS numbers ORDER BY i`);
  });
  await until(() => heard.ended.length >= 10_050 && heard.users.length >= 10_050);
  const expected = (letter: string): string[] => Array.from({ length: 10_050 }, (_, index) => `${letter}${index + 1}`);
  assert.deepEqual([heard.ended, heard.users], [expected('s'), expected('u')]);
});

test('a server that stops reports nothing more, and takes no listener', async (t) => {
  const [here, there] = await twoServers(t);
  const heard = await listen(here);
  const asked = t.mock.method(here.kit.db, 'all');
  await here.close();
  asked.mock.resetCalls();
  watchSessions(here.kit, { synced: () => assert.fail('it is stopped') });
  await (await newPerson(there)).app.logout();
  await sleep(600);
  assert.deepEqual([heard.ended, heard.lost, asked.mock.callCount()], [[], [], 0]);
});
