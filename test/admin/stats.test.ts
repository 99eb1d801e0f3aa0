import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EventRecord, EventType, Plugin } from 'allauth-kit/plugin';
import { createUser } from 'allauth-kit';
import { exportCsv, exportLines } from '../../src/admin/flows/audit.ts';
import { activeSessions, attentionList, pluginStates, seriesOf } from '../../src/admin/flows/stats.ts';
import { SERVER_ORIGIN, write, type EventSubject } from '../../src/kit/write.ts';
import { insertMail } from '../../src/store/outbox.ts';
import { keepSample } from '../../src/store/tallies.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { StillClock } from '../support/still-clock.ts';
import { until } from '../support/until.ts';

const DAY = 86_400;

async function read(lines: AsyncGenerator<string>): Promise<string> {
  let text = '';
  for await (const each of lines) text += each;
  return text;
}

interface StillServer extends TestServer {
  clock: StillClock;
  /** Records an event of this type so many times, now. */
  happen(type: EventType, times: number, subject?: Partial<EventSubject> & { ip?: string }): Promise<void>;
}

async function stillServer(t: TestContext, settings = {}): Promise<StillServer> {
  const clock = new StillClock();
  const server = await testServer(t, settings, { clock });
  const happen: StillServer['happen'] = async (type, times, { ip = '', ...subject } = {}) => {
    await write(server.kit, { ...SERVER_ORIGIN, ip }, async ({ record }) => {
      for (let each = 0; each < times; each += 1) record(type, { userId: null, ...subject });
    });
  };
  return { ...server, clock, happen };
}

test('failed logins deserve a look from 20 of one address or 10 of one user on, within a day', async (t) => {
  const server = await stillServer(t);
  const { id } = await createUser(server.kit, { email: newEmail(), password: PASSWORD });
  const listed = async () => (await attentionList(server.kit)).map(({ kind, message, filter }) => [kind, message, filter]);
  await server.happen('login_failed', 19, { ip: '192.0.2.1' });
  await server.happen('login_failed', 9, { userId: id });
  await server.happen('login_failed', 9, { userId: 'deleted-user' });
  assert.deepEqual(await listed(), []);
  await server.happen('login_failed', 1, { ip: '192.0.2.1' });
  await server.happen('login_failed', 1, { userId: 'deleted-user' });
  const user = [
    'failed_logins_for_user',
    '10 failed logins for deleted-user within a day.',
    { event: 'login_failed', user: 'deleted-user' },
  ];
  const address = ['failed_logins_from_ip', '20 failed logins from 192.0.2.1 within a day.', { event: 'login_failed', ip: '192.0.2.1' }];
  assert.deepEqual(await listed(), [user, address]);
  server.clock.advance(DAY);
  assert.deepEqual(await listed(), [user, address]);
  server.clock.advance(1);
  assert.deepEqual(await listed(), []);
});

test('the last ten refresh tokens that were used twice deserve a look, with whose they were', async (t) => {
  const server = await stillServer(t);
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, password: PASSWORD });
  await server.happen('refresh_token_reused', 11);
  const many = await attentionList(server.kit);
  assert.equal(many.length, 10);
  assert.match(many[0]?.message ?? '', /of a user came again/);
  assert.deepEqual([many[0]?.filter, many[0]?.count], [{ event: 'refresh_token_reused' }, 1]);
  server.clock.advance(DAY + 1);
  await server.happen('refresh_token_reused', 1, { userId: id, sid: 'the-session' });
  const [one, ...others] = await attentionList(server.kit);
  assert.deepEqual(others, []);
  assert.match(one?.message ?? '', new RegExp(`of ${email} came again`));
  assert.deepEqual(one?.filter, { event: 'refresh_token_reused', session: 'the-session' });
});

test('a plugin that fails deserves a look; one that does not, and one that is not in force, do not', async (t) => {
  let error: string | null = null;
  const heard: EventRecord[] = [];
  class Fragile implements Plugin {
    readonly name = 'fragile';
    async onEvent(event: EventRecord): Promise<void> {
      if (error !== null) throw new Error(error);
      heard.push(event);
    }
  }
  const server = await stillServer(t, { PLUGINS: [Fragile] });
  const fresh = { name: 'fragile', pending: 0, failures: 0, last_error: null, retry_at: null };
  await until(async () => (await pluginStates(server.kit))[0]?.pending === 0);
  await server.happen('user_updated', 1);
  await until(() => heard.some(({ type }) => type === 'user_updated'));
  await until(async () => (await pluginStates(server.kit))[0]?.pending === 0);
  const states = await pluginStates(server.kit);
  assert.deepEqual(states, [{ ...fresh, heard_until: heard.at(-1)?.id, delivered_at: server.clock.now() }]);
  assert.deepEqual(await attentionList(server.kit), []);

  error = 'out of order';
  await server.happen('user_updated', 2);
  await until(async () => (await pluginStates(server.kit))[0]?.failures === 1);
  const [item] = await attentionList(server.kit);
  assert.deepEqual([item?.kind, item?.count, item?.filter], ['plugin_failing', 2, { plugin: 'fragile' }]);
  assert.match(item?.message ?? '', /fragile has failed 1 times \(.*out of order.*\); 2 events wait for it/);
  assert.ok((item?.at ?? 0) > server.clock.now(), 'when it is tried again');

  const left = await pluginStates({ ...server.kit, plugins: { ...server.kit.plugins, PLUGINS: [] } });
  assert.deepEqual(left, []);
});

test('mails that are retried for long and mails that failed for good deserve one look', async (t) => {
  const server = await stillServer(t);
  const now = server.clock.now();
  await server.kit.db.transaction(async (db) => {
    for (const [id, failedAt] of [
      ['one', null],
      ['two', now],
      ['three', now],
    ] as const) {
      await insertMail(db, { id, payload: '' }, now - 700);
      await db
        .knex('outbox')
        .where({ id })
        .update({ failed_at: failedAt, last_error: 'refused', next_attempt_at: now + DAY });
    }
  });
  const [item, ...others] = await attentionList(server.kit);
  assert.deepEqual(others, []);
  assert.deepEqual([item?.kind, item?.count, item?.at], ['mails_stuck', 3, now - 700]);
  assert.deepEqual(item?.details, { waiting: 1, failed: 2, error: 'refused' });
  assert.match(item?.message ?? '', /1 mails .*, 2 .*refused/);
});

test('the series have a bucket for each part of the range, and count each event in its own', async (t) => {
  const server = await stillServer(t);
  const from = server.clock.now();
  const range = { from, to: from + 250, bucket: 100 };
  await server.happen('login', 1);
  server.clock.advance(99);
  await server.happen('login', 2);
  server.clock.advance(1);
  await server.happen('logout', 1);
  server.clock.advance(149);
  await server.happen('login', 4);
  server.clock.advance(1);
  await server.happen('login', 8);
  const { times, series, totals } = await seriesOf(server.kit, range);
  assert.deepEqual(times, [from, from + 100, from + 200]);
  assert.deepEqual(
    [series['logins'], series['logouts'], series['refreshes']],
    [
      [3, 0, 4],
      [0, 1, 0],
      [0, 0, 0],
    ],
  );
  assert.deepEqual([totals['logins'], totals['logouts'], totals['signups']], [7, 1, 0]);
});

test('the live sessions of now are in their bucket, if that is within the range', async (t) => {
  const server = await stillServer(t);
  await server.app().signup(newEmail());
  const now = server.clock.now();
  const seriesFrom = async (from: number, to: number) => (await activeSessions(server.kit, { from, to, bucket: 100 })).series;
  assert.deepEqual(await seriesFrom(now - 250, now + 50), [null, null, 1]);
  assert.deepEqual(await seriesFrom(now, now + 150), [1, null]);
  assert.deepEqual(await seriesFrom(now + 1, now + 101), [null], 'a range of the future');
  assert.deepEqual(await seriesFrom(now - 100, now), [null], 'a range of the past');
  await keepSample(server.kit.db, 'active_sessions', now, 5);
  assert.deepEqual(await seriesFrom(now, now + 150), [5, null], 'more were counted before in this bucket');
  await server.app().signup(newEmail());
  assert.equal((await activeSessions(server.kit, { from: now, to: now + 1, bucket: 1 })).now, 2);
});

test('an export of exactly one batch, and of none, has its lines and no more', async (t) => {
  const server = await stillServer(t);
  await server.happen('user_updated', 500, { actorId: null });
  const text = await read(exportLines(server.kit, { type: 'user_updated' }));
  assert.equal(text.trimEnd().split('\n').length, 500);
  const [first] = text.split('\n', 1);
  const { event, created_at, actor, user, session_id } = JSON.parse(first ?? '') as Record<string, unknown>;
  assert.deepEqual([event, created_at, actor, user, session_id], ['user_updated', server.clock.now(), null, null, null]);
  assert.equal(await read(exportLines(server.kit, { type: 'user_invited' })), '');
  assert.equal((await read(exportCsv(server.kit, { type: 'user_invited' }))).trimEnd().split('\r\n').length, 1);

  const { id } = await createUser(server.kit, { email: newEmail(), password: PASSWORD });
  await server.happen('user_invited', 1, { userId: id, actorId: 'someone', sid: 'the-session', ip: '192.0.2.1' });
  const [, row = ''] = (await read(exportCsv(server.kit, { type: 'user_invited' }))).split('\r\n');
  const at = server.clock.now();
  assert.match(
    row,
    new RegExp(`^\\d+,user_invited,${new Date(at * 1000).toISOString()},${at},someone,,${id},[^,]+@[^,]+,the-session,192.0.2.1,`),
  );
});
