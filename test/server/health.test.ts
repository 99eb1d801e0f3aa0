import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAllauth, SchemaOutdated } from 'allauth-kit';
import { statement } from '../../src/store/engine/statements.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import { unmigrate } from '../../src/store/engine/migrate.ts';
import { newEmail } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { send } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const FORGET = statement('test_health_forget', `UPDATE knex_migrations SET name = '0000-other' WHERE name = '0001-first'`);
const REMEMBER = statement('test_health_remember', `UPDATE knex_migrations SET name = '0001-first' WHERE name = '0000-other'`);

test('a server that can work says so', async (t) => {
  const { url } = await testServer(t);
  for (const path of ['/healthz', '/readyz']) {
    const reply = await send(url, { path });
    assert.deepEqual([reply.status, reply.json], [200, { status: 'ok' }]);
    assert.match(reply.headers['cache-control'] ?? '', /no-store/);
    assert.match(reply.headers['content-type'] ?? '', /^application\/json/);
    const head = await send(url, { path, method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    const post = await send(url, { path, method: 'POST' });
    assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
  }
});

test('a schema that is not current makes a server unready, with the reason', async (t) => {
  const server = await testServer(t);
  await server.kit.db.write(FORGET, []);
  const reply = await send(server.url, { path: '/readyz' });
  assert.deepEqual(
    [reply.status, reply.json],
    [503, { status: 'unavailable', reason: 'the database schema is not current: run `allauth migrate`' }],
  );
  assert.equal((await send(server.url, { path: '/healthz' })).status, 200);
  await server.kit.db.write(REMEMBER, []);
  assert.equal((await send(server.url, { path: '/readyz' })).status, 200);
});

test('an empty SQLite database gets its schema at the start, PostgreSQL has to be migrated', async (t) => {
  const DATABASE = await testDatabase(t);
  const db = await openDatabase(DATABASE, { folder: '/' });
  const { dialect } = db;
  await unmigrate(db);
  await db.close();
  if (dialect === 'sqlite') {
    const server = await testServer(t, { DATABASE });
    assert.equal((await server.app().signup(newEmail())).status, 200);
  } else {
    await assert.rejects(createAllauth({ DATABASE, LOG_LEVEL: 'silent' }), (error: unknown) => {
      assert.ok(error instanceof SchemaOutdated);
      assert.match(error.message, /0001-first.*allauth migrate/);
      return true;
    });
  }
});
