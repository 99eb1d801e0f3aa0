import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { outboxState, stuckMails } from '../../src/store/outbox.ts';
import { until } from '../support/until.ts';
import { newEmail } from '../support/clients.ts';
import { dig, send } from '../support/http.ts';
import { smtpSink, type Mailbox } from '../support/mail.ts';
import { adminServer, API, newAdmin, type AdminServer } from './support.ts';

interface Refusing {
  server: AdminServer;
  box: Mailbox;
  /** What the mail server answers from now on; `null`: it takes all mails. */
  refuse: (code: 451 | 550 | null) => void;
}

/** A server whose mail server refuses what it is told to. */
async function withMailServer(t: TestContext): Promise<Refusing> {
  let code: number | null = null;
  const { port, box } = await smtpSink(t, {
    onRcptTo: (_address, _session, done) => done(code === null ? null : Object.assign(new Error('not now'), { responseCode: code })),
  });
  const server = await adminServer(t, { EMAIL_HOST: '127.0.0.1', EMAIL_PORT: port, DEFAULT_FROM_EMAIL: 'noreply@shop.example' });
  return { server, box, refuse: (to) => void (code = to) };
}

test('mails that were given up are told of everywhere, and sent when an admin has them tried; of two admins one has done it', async (t) => {
  const { server, box, refuse } = await withMailServer(t);
  const { admin, kit } = server;
  const empty = { waiting: 0, retrying: 0, failed: 0, oldest_at: null, last_error: null };
  assert.deepEqual((await admin.get(`${API}/outbox`)).data, empty);
  assert.deepEqual((await admin.post(`${API}/outbox/retry`)).data, { retried: 0 });
  refuse(550);
  const email = newEmail();
  await server.app().signup(email);
  await until(async () => (await outboxState(kit.db)).failed === 1);
  const state = await admin.get(`${API}/outbox`);
  assert.deepEqual(state.data, { ...empty, failed: 1, last_error: 'EENVELOPE 550' });
  const attention = dig((await admin.get(`${API}/stats`)).data, 'attention') as { kind: string; count: number }[];
  assert.deepEqual(
    attention.filter(({ kind }) => kind === 'mails_stuck').map(({ count }) => count),
    [1],
  );
  const { meta } = await admin.get(`${API}/settings`);
  assert.match(JSON.stringify(meta), /0 mails failed and are retried; 1 failed for good within a day \(EENVELOPE 550\)/);
  assert.doesNotMatch(state.text + JSON.stringify(meta) + JSON.stringify(attention), new RegExp(email), 'nobody’s address is told');

  refuse(null);
  const other = await newAdmin(server);
  const replies = await Promise.all([admin.post(`${API}/outbox/retry`), other.post(`${API}/outbox/retry`)]);
  assert.deepEqual(replies.map(({ data }) => dig(data, 'retried')).sort(), [0, 1]);
  await box.wait(email);
  await until(async () => (await stuckMails(kit.db, kit.now())) === null);
  const events = (await admin.get(`${API}/audit?event=mails_retried`)).data as unknown[];
  assert.deepEqual(
    events.map((each) => dig(each, 'details')),
    [{ mails: 1 }],
  );
  server.clock.advance(901);
  const stale = await admin.post(`${API}/outbox/retry`);
  assert.deepEqual([stale.status, stale.flowIds], [401, ['reauthenticate']]);
});

test('a mail server that is away leaves the server ready, which says that mails are stuck', async (t) => {
  const { server, refuse } = await withMailServer(t);
  refuse(451);
  await server.app().signup(newEmail());
  await until(async () => (await outboxState(server.kit.db)).retrying === 1);
  const ready = async () => send(server.url, { path: '/readyz' });
  assert.deepEqual((await ready()).json, { status: 'ok' }, 'it has but begun');
  server.clock.advance(601);
  const stuck = await ready();
  assert.deepEqual([stuck.status, stuck.json], [200, { status: 'ok', mail: 'stuck' }]);
});
