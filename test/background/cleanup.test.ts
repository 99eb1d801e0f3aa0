import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean } from '../../src/background/cleanup.ts';
import { insertEvents } from '../../src/store/events.ts';
import { newEmail } from '../support/clients.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { fallibleDatabase } from '../server/databases.ts';

const DAY = 86_400;

async function countOf({ kit }: TestServer, table: string): Promise<number> {
  return (await kit.db.knex(table).select('*')).length;
}

/** So many lines of the audit log that were written now. */
async function addEvents({ kit }: TestServer, count: number): Promise<void> {
  const event = { type: 'login' as const, createdAt: kit.now(), userId: null, actorId: null, sid: null, ip: '', details: {} };
  for (let left = count; left > 0; left -= 100)
    await insertEvents(
      kit.db,
      Array.from({ length: Math.min(left, 100) }, () => event),
    );
}

/** The event that the start of a server is. */
const STARTED = 1;

test('nothing that is still needed is deleted', async (t) => {
  const server = await testServer(t);
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(newEmail());
  await browser.signup(newEmail());
  await app.refresh();
  assert.equal(await clean(server.kit), 0);
  server.clock.advance(3600);
  assert.equal(await clean(server.kit), 0);
  assert.equal((await app.refresh()).status, 200);
  assert.equal((await browser.session()).status, 200);
});

test('sessions go SESSION_RETENTION_DAYS after their end, with their tokens; users stay', async (t) => {
  const server = await testServer(t, { SESSION_RETENTION_DAYS: 3, AUDIT_RETENTION_DAYS: 1000 });
  const email = newEmail();
  const [ended, expiring] = [server.app(), server.app()];
  await ended.signup(email);
  await ended.logout();
  await expiring.login(email);
  server.clock.advance(2 * DAY);
  await clean(server.kit);
  assert.equal(await countOf(server, 'sessions'), 2, 'an ended one is kept for a while');
  server.clock.advance(DAY + 60);
  await clean(server.kit);
  assert.equal(await countOf(server, 'sessions'), 1);
  assert.equal((await expiring.session({ auth: 'session' })).status, 200, 'one that runs is not touched');
  server.clock.advance(14 * DAY + 3 * DAY + 60);
  await clean(server.kit);
  for (const table of ['sessions', 'refresh_tokens']) assert.equal(await countOf(server, table), 0, table);
  for (const table of ['users', 'emails']) assert.equal(await countOf(server, table), 1, table);
  assert.ok((await countOf(server, 'events')) >= 4, 'the audit log has a time of its own');
  assert.equal((await server.app().login(email)).status, 200);
});

test('spent refresh tokens go after they have expired, the one in use does not', async (t) => {
  const server = await testServer(t, { HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 1000 });
  const app = server.app();
  await app.signup(newEmail());
  await app.refresh();
  await app.refresh();
  assert.equal(await countOf(server, 'refresh_tokens'), 3);
  server.clock.advance(900);
  await app.refresh();
  server.clock.advance(DAY + 200);
  await clean(server.kit);
  assert.equal(await countOf(server, 'refresh_tokens'), 1, 'the last one expired less than a day ago');
});

test('the audit log goes after AUDIT_RETENTION_DAYS, in batches, between which it can be stopped', async (t) => {
  const server = await testServer(t, { AUDIT_RETENTION_DAYS: 2 });
  await addEvents(server, 1200);
  server.clock.advance(2 * DAY + 60);
  await addEvents(server, 30);
  let asked = 0;
  assert.equal(await clean(server.kit, () => (asked += 1) > 1), 500);
  assert.equal(await countOf(server, 'events'), 730 + STARTED);
  asked = 0;
  assert.equal(await clean(server.kit, () => (asked += 1) > 99), 700 + STARTED);
  assert.ok(asked >= 3, 'not all at once');
  assert.equal(await countOf(server, 'events'), 30, 'and nothing else');
  assert.equal(await clean(server.kit), 0);
});

test('two servers that clean at once do not get in the way of each other or of requests', async (t) => {
  const server = await testServer(t, { AUDIT_RETENTION_DAYS: 2 });
  await addEvents(server, 1000);
  server.clock.advance(2 * DAY + 60);
  const [first, second, reply] = await Promise.all([clean(server.kit), clean(server.kit), server.app().signup(newEmail())]);
  assert.equal(first + second, 1000 + STARTED);
  assert.equal(reply.status, 200);
});

test('without its database a round fails with a line in the log, and the next one works', async (t) => {
  const { DATABASE, takeAway, bringBack } = await fallibleDatabase(t);
  const server = await testServer(t, { DATABASE, AUDIT_RETENTION_DAYS: 1 });
  await addEvents(server, 10);
  server.clock.advance(DAY + 60);
  await takeAway();
  assert.equal(await clean(server.kit), 0);
  assert.ok(server.log.some((line) => line.includes('cleanup failed')));
  await bringBack();
  assert.equal(await clean(server.kit), 10 + STARTED);
});
