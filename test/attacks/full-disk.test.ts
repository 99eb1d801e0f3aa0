import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/store/engine/statements.ts';
import { newEmail } from '../support/clients.ts';
import { sqliteFile } from '../support/database.ts';
import { send } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';

const FILL = statement('test_fill', `INSERT INTO readiness (id, padding) VALUES (?1, ?2)`);
const EMPTY = statement('test_empty', `DELETE FROM readiness`);
const NO_GROWTH = statement('test_no_growth', 'PRAGMA max_page_count = 1');
const GROWTH = statement('test_growth', 'PRAGMA max_page_count = 1000000');

async function ready({ url }: TestServer): Promise<number> {
  return (await send(url, { path: '/readyz' })).status;
}

test('a server whose SQLite file cannot grow is not ready, and is ready again when it can', async (t) => {
  const server = await testServer(t, { DATABASE: await sqliteFile(t) });
  const { db } = server.kit;
  assert.equal(await ready(server), 200);
  // The limit is never less than the present size. It is gone after each failure, which makes the server open the file again.
  const stopGrowth = () => db.write(NO_GROWTH, []);
  await stopGrowth();
  const fill = async (): Promise<void> => {
    for (let row = 0; ; row += 1) await db.write(FILL, [`${row}`, 'x'.repeat(100)]);
  };
  await assert.rejects(fill(), /SQLITE_FULL/);
  assert.equal(await ready(server), 200, 'the last answer counts for ten seconds');
  server.clock.advance(10);
  await stopGrowth();
  assert.equal(await ready(server), 503);
  await stopGrowth();
  assert.ok((await server.app().signup(newEmail())).status >= 500, 'signups fail too');
  assert.equal((await send(server.url, { path: '/healthz' })).status, 200, 'the process runs');
  await db.write(GROWTH, []);
  await db.write(EMPTY, []);
  server.clock.advance(10);
  assert.equal(await ready(server), 200);
});

test('a server whose database refuses writes is not ready', async (t) => {
  const server = await testServer(t);
  await server.kit.db.write(statement('test_refuse', 'ALTER TABLE readiness RENAME TO readiness_gone'), []);
  assert.equal(await ready(server), 503);
});

test('checks of readiness write once in ten seconds, however many come', async (t) => {
  const server = await testServer(t);
  let writes = 0;
  const write = server.kit.db.writeUnit.bind(server.kit.db);
  t.mock.method(server.kit.db, 'writeUnit', (...args: Parameters<typeof write>) => {
    writes += 1;
    return write(...args);
  });
  await Promise.all(Array.from({ length: 50 }, () => ready(server)));
  assert.equal(writes, 1);
  server.clock.advance(10);
  await ready(server);
  assert.equal(writes, 2);
});
