import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sqlite3 from 'sqlite3';
import { DatabaseUnavailable, type Database } from '../../../src/store/engine/database.ts';
import { migrate } from '../../../src/store/engine/migrate.ts';
import { openDatabase } from '../../../src/store/engine/open.ts';
import { translate } from '../../../src/store/engine/errors.ts';
import { statement } from '../../../src/store/engine/statements.ts';
import { findSession } from '../../../src/store/sessions.ts';
import { findUser, findUserByUsername, listUsers } from '../../../src/store/users.ts';
import { addSession, addUser, newDatabase, NOW, onEach, open } from '../databases.ts';
import { onPostgresql, POSTGRESQL_URL } from '../../support/postgresql.ts';
import { withoutPostgresql } from '../../support/without-postgresql.ts';

const UP = statement('test_up', 'SELECT 1 AS up');
const SLEEP = statement('test_sleep', 'SELECT pg_sleep(?1) AS slept');
const BACKEND = statement('test_backend', 'SELECT pg_backend_pid() AS pid');

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** All that can be asked of a database: each of it must say the same. */
function everything(db: Database): Promise<unknown>[] {
  return [
    db.ping(),
    addUser(db),
    findUser(db, 'x'),
    db.transaction((tx) => addUser(tx)),
    db.writeUnit([{ statement: UP, values: [] }]),
    db.knex('users').select('id'),
    db.exclusive((tx) => addUser(tx)),
  ];
}

async function assertUnavailable(results: Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(results)) {
    assert.ok(
      result.status === 'rejected' && result.reason instanceof DatabaseUnavailable,
      String(result.status === 'rejected' && result.reason),
    );
  }
}

onEach('a closed database is unavailable, and can be closed again', async (db) => {
  await addUser(db);
  const last = Promise.allSettled([addUser(db), addUser(db)]);
  await db.close();
  for (const { status } of await last) assert.equal(status, 'fulfilled', 'what was begun is finished');
  await assertUnavailable(everything(db));
  await db.close();
});

test('a SQLite file is made for its owner alone, and only where it may be', async (t) => {
  const folder = newFolder(t);
  const db = await open(t, `sqlite://${folder}/new.sqlite3`);
  await migrate(db);
  for (const name of ['new.sqlite3', 'new.sqlite3-wal', 'new.sqlite3-shm'])
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  await assert.rejects(openDatabase('sqlite://./no/such/folder/x.sqlite3', { folder }), DatabaseUnavailable);
  mkdirSync(join(folder, 'folder'));
  await assert.rejects(openDatabase('sqlite://./folder', { folder }), DatabaseUnavailable);
  writeFileSync(join(folder, 'text'), 'this is no database, but it is longer than the header of one. '.repeat(20));
  await assert.rejects(openDatabase('sqlite://./text', { folder }), DatabaseUnavailable);
  chmodSync(join(folder, 'text'), 0o600);
});

test('a SQLite file that was taken away: unavailable until it is back, never replaced by an empty one', async (t) => {
  const folder = newFolder(t);
  mkdirSync(join(folder, 'data'));
  const db = await open(t, `sqlite://${folder}/data/db.sqlite3`);
  await migrate(db);
  const session = await addSession(db);

  renameSync(join(folder, 'data'), join(folder, 'elsewhere'));
  await assertUnavailable([db.ping(), addSession(db), db.transaction((tx) => addUser(tx)), addSession(db)]);
  mkdirSync(join(folder, 'data'));
  await assertUnavailable([addSession(db), findSession(db, session.sid, NOW), db.ping()]);
  rmSync(join(folder, 'data'), { recursive: true });

  renameSync(join(folder, 'elsewhere'), join(folder, 'data'));
  await addUser(db, { username: 'back' });
  assert.ok(await findSession(db, session.sid, NOW));
  assert.ok(await db.transaction((tx) => findUserByUsername(tx, 'back')));
  await db.ping();
});

test('a SQLite file that was replaced by another: the other is used from the next write on', async (t) => {
  const folder = newFolder(t);
  const db = await open(t, `sqlite://${folder}/db.sqlite3`);
  await migrate(db);
  await addUser(db, { username: 'old' });
  const backup = await openDatabase(`sqlite://${folder}/backup.sqlite3`, { folder });
  await migrate(backup);
  await addUser(backup, { username: 'backup' });
  await backup.close();

  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `db.sqlite3${suffix}`));
  renameSync(join(folder, 'backup.sqlite3'), join(folder, 'db.sqlite3'));
  await assert.rejects(db.ping(), DatabaseUnavailable);
  await addUser(db, { username: 'new' });
  await db.ping();
  assert.deepEqual((await listUsers(db, { limit: 9 })).map(({ username }) => username).sort(), ['backup', 'new']);
  assert.equal((await db.knex('users').select('id')).length, 2);
});

test('a SQLite database that another process holds is unavailable', async (t) => {
  const folder = newFolder(t);
  const raw = await Promise.all(
    [0, 0].map(
      () =>
        new Promise<sqlite3.Database>((resolve) => {
          const made = new sqlite3.Database(join(folder, 'db.sqlite3'), () => resolve(made));
        }),
    ),
  );
  const run = (index: number, sql: string): Promise<unknown> => new Promise((resolve) => raw[index]?.exec(sql, resolve));
  assert.equal(await run(0, 'BEGIN IMMEDIATE'), null);
  const busy = await run(1, 'BEGIN IMMEDIATE');
  assert.ok(translate(busy) instanceof DatabaseUnavailable);
  for (const one of raw) await new Promise((resolve) => one.close(resolve));
});

test('a PostgreSQL that nobody has is unavailable at once, without telling the password', async (t) => {
  const db = await open(t, 'postgresql://root:geheim@127.0.0.1:1/test');
  const results = everything(db);
  await assertUnavailable(results);
  for (const result of await Promise.allSettled(results)) {
    assert.ok(result.status === 'rejected' && result.reason instanceof Error);
    const { message, stack, cause } = result.reason;
    assert.ok(!JSON.stringify([message, stack, cause]).includes('geheim'));
  }
});

const postgresql = { skip: withoutPostgresql };

test('a wrong database or user of PostgreSQL is unavailable', postgresql, async (t) => {
  const db = await open(t, new URL('/no_such_database', POSTGRESQL_URL).href);
  await assertUnavailable([db.ping(), db.transaction((tx) => addUser(tx))]);
});

test('connections that PostgreSQL ends: what runs is unavailable, the next works', postgresql, async (t) => {
  const config = await newDatabase(t, 'postgresql');
  const db = await open(t, config);
  await migrate(db);

  const [row] = await db.all(BACKEND, []);
  await onPostgresql(`SELECT pg_terminate_backend(${Number(row?.['pid'])})`);
  await db.all(BACKEND, []).catch((error: unknown) => assert.ok(error instanceof DatabaseUnavailable));
  await db.ping();

  const inside = db.transaction(async (tx) => {
    await addUser(tx, { username: 'half' });
    const [own] = await tx.all(BACKEND, []);
    await onPostgresql(`SELECT pg_terminate_backend(${Number(own?.['pid'])})`);
    await tx.all(SLEEP, [1]).catch(() => undefined);
    await addUser(tx, { username: 'rest' });
  });
  await assert.rejects(inside, DatabaseUnavailable);
  await addUser(db, { username: 'next' });
  assert.deepEqual(
    (await listUsers(db, { limit: 9 })).map(({ username }) => username),
    ['next'],
  );
});

test('a pool that is used up is unavailable in time, and its options are those of the setting', postgresql, async (t) => {
  const config = await newDatabase(t, 'postgresql');
  let made = 0;
  const afterCreate = (_connection: unknown, done: () => void): void => {
    made += 1;
    done();
  };
  const db = await open(t, { ...(config as object), pool: { max: 1, acquireTimeoutMillis: 300, afterCreate } });
  await db.transaction(async (tx) => {
    await assert.rejects(db.ping(), DatabaseUnavailable);
    await tx.ping();
  });
  await db.ping();
  assert.equal(made, 1);
});

test('a deadlock of PostgreSQL is run again', postgresql, async (t) => {
  const config = await newDatabase(t, 'postgresql');
  const db = await open(t, config);
  await migrate(db);
  const [a, b] = [await addUser(db), await addUser(db)];
  const rename = statement('test_rename_slowly', 'UPDATE users SET username = username || ?2 WHERE id = ?1');
  let runs = 0;
  const together: (() => void)[] = [];
  const meet = (): Promise<void> =>
    new Promise((resolve) => {
      if (together.push(resolve) === 2) together.forEach((go) => go());
      else if (runs > 2) resolve();
    });
  const cross = (first: string, second: string): Promise<void> =>
    db.transaction(async (tx) => {
      runs += 1;
      await tx.write(rename, [first, '!']);
      await meet();
      await tx.write(rename, [second, '!']);
    });
  await Promise.all([cross(a.id, b.id), cross(b.id, a.id)]);
  assert.ok(runs > 2);
  for (const { id, username } of [a, b]) assert.equal((await findUser(db, id))?.username, `${username}!!`);
});
