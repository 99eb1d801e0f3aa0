import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test, type TestContext } from 'node:test';
import type { Connection, Driver } from '../../../src/store/engine/driver.ts';
import { DatabaseUnavailable, InvalidText, OwnerGone, UniqueViolation } from '../../../src/store/engine/errors.ts';
import { openDriver } from '../../../src/store/engine/open.ts';
import { statement, type Statement, type Value } from '../../../src/store/engine/statements.ts';
import { newDatabase, type Kind } from '../databases.ts';
import { withoutPostgresql } from '../../support/without-postgresql.ts';

/** The contract of `Driver`: a new driver is added to `KINDS` and `newDatabase`. */
const KINDS: readonly Kind[] = ['memory', 'file', 'postgresql'];

const INSERT = statement('driver_insert', 'INSERT INTO things (id, name) VALUES (?1, ?2) RETURNING id, name');
const INSERT_OWNED = statement('driver_insert_owned', 'INSERT INTO owned (thing_id) VALUES (?1)');
const RENAME = statement('driver_rename', 'UPDATE things SET name = ?2 WHERE id = ?1 RETURNING name');
const FIND = statement('driver_find', 'SELECT id, name, flag FROM things WHERE id = ?1 OR id = ?1 + 100');
const LIST = statement('driver_list', 'SELECT name FROM things ORDER BY id');
const WRONG = statement('driver_wrong', 'UPDATE things SET nothing = 1');

const SCHEMA = [
  'CREATE TABLE things (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, flag boolean NOT NULL DEFAULT true)',
  'CREATE TABLE owned (thing_id bigint NOT NULL REFERENCES things (id))',
];

function onEachDriver(
  name: string,
  run: (driver: Driver, t: TestContext, open: () => Promise<Driver>) => Promise<void>,
  kinds = KINDS,
): void {
  for (const kind of kinds) {
    test(`${name} (${kind})`, { skip: kind === 'postgresql' && withoutPostgresql }, async (t) => {
      const config = await newDatabase(t, kind);
      const opened: Driver[] = [];
      const open = async (): Promise<Driver> => {
        const { driver } = await openDriver(config, { folder: tmpdir() });
        opened.push(driver);
        return driver;
      };
      try {
        const driver = await open();
        await driver.transaction(
          async (connection) => {
            for (const sql of SCHEMA) await connection.query(sql, []);
          },
          { exclusive: true },
        );
        await run(driver, t, open);
      } finally {
        for (const driver of opened) await driver.close();
      }
    });
  }
}

async function namesOf(driver: Driver): Promise<unknown[]> {
  return (await driver.all(LIST, [])).map(({ name }) => name);
}

function step(statement: Statement, ...values: Value[]): { statement: Statement; values: Value[] } {
  return { statement, values };
}

onEachDriver('values go in and come out as they are', async (driver) => {
  const large = 2 ** 52;
  assert.deepEqual(await driver.write(INSERT, [large, 'ä\u{1F600}']), [{ id: large, name: 'ä\u{1F600}' }]);
  const [row] = await driver.all(FIND, [large]);
  assert.deepEqual([row?.['id'], row?.['name'], Boolean(row?.['flag'])], [large, 'ä\u{1F600}', true]);
  assert.deepEqual(await driver.all(FIND, [1]), []);
  assert.deepEqual(await driver.write(RENAME, [1, 'none']), []);
});

onEachDriver('what was written is seen by the next read, on every path and by every other driver', async (driver, _t, open) => {
  await driver.write(INSERT, [1, 'one']);
  await driver.unit([step(INSERT, 2, 'two'), step(INSERT, 3, 'three')]);
  await driver.transaction((connection) => connection.all(INSERT, [4, 'four']));
  const expected = ['one', 'two', 'three', 'four'];
  assert.deepEqual(await namesOf(driver), expected);
  const { rows } = await driver.query('SELECT name FROM things ORDER BY id', []);
  assert.deepEqual(
    rows.map(({ name }) => name),
    expected,
  );
  const other = await open();
  if (driver.dialect === 'postgresql' || (await isShared(other))) assert.deepEqual(await namesOf(other), expected);
});

/** Whether two drivers see one database; in memory each has its own. */
async function isShared(driver: Driver): Promise<boolean> {
  return (await driver.query("SELECT name FROM sqlite_schema WHERE name = 'things'", [])).rows.length > 0;
}

onEachDriver('a unit returns the rows of each statement, and is kept as a whole or not at all', async (driver) => {
  const rows = await driver.unit([step(INSERT, 1, 'one'), step(RENAME, 1, 'uno'), step(RENAME, 9, 'none')]);
  assert.deepEqual(rows, [[{ id: 1, name: 'one' }], [{ name: 'uno' }], []]);
  assert.deepEqual(await driver.unit([]), []);
  await assert.rejects(driver.unit([step(INSERT, 2, 'two'), step(INSERT, 3, 'uno')]), UniqueViolation);
  await assert.rejects(driver.unit([step(INSERT, 2, 'two'), step(WRONG)]), /nothing/);
  assert.deepEqual(await namesOf(driver), ['uno']);
});

onEachDriver('of writes at once, those that fail undo themselves alone', async (driver) => {
  await driver.write(INSERT, [1, 'one']);
  const results = await Promise.allSettled([
    driver.write(INSERT, [2, 'two']),
    driver.write(INSERT, [1, 'again']),
    driver.write(WRONG, []),
    driver.unit([step(INSERT, 4, 'four'), step(INSERT, 1, 'again')]),
    driver.write(INSERT, [3, 'three']),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await namesOf(driver), ['one', 'two', 'three']);
});

onEachDriver('errors are those of the store, and quote no value', async (driver) => {
  const secret = 'a-secret-value';
  await driver.write(INSERT, [1, secret]);
  const failures: [() => Promise<unknown>, new (...args: never[]) => Error][] = [
    [() => driver.write(INSERT, [2, secret]), UniqueViolation],
    [() => driver.unit([step(INSERT, 2, secret), step(INSERT, 3, 'x')]), UniqueViolation],
    [
      () => driver.transaction((connection) => connection.query(`INSERT INTO things (id, name) SELECT 4, name FROM things`, [])),
      UniqueViolation,
    ],
    [() => driver.write(INSERT_OWNED, [7]), OwnerGone],
    [() => driver.write(INSERT, [5, null]), Error],
  ];
  if (driver.dialect === 'postgresql') failures.push([() => driver.write(INSERT, [6, 'a\0b']), InvalidText]);
  for (const [failure, type] of failures) {
    await assert.rejects(failure(), (error: Error) => {
      assert.ok(error instanceof type, String(error));
      assert.ok(!JSON.stringify([error.message, error.stack, error.cause, { ...error }]).includes(secret));
      return true;
    });
  }
  assert.deepEqual(await namesOf(driver), [secret]);
});

onEachDriver('a transaction keeps all or nothing, sees its own changes, and others see none before its end', async (driver) => {
  const during: Promise<unknown[]>[] = [];
  const failing = driver.transaction(async (connection) => {
    await connection.all(INSERT, [1, 'inside']);
    during.push(namesOf(driver));
    assert.deepEqual(await connection.all(RENAME, [1, 'renamed']), [{ name: 'renamed' }]);
    assert.deepEqual((await connection.query('SELECT name FROM things WHERE id = 1', [])).rows, [{ name: 'renamed' }]);
    throw new Error('changed my mind');
  });
  const beside = driver.write(INSERT, [2, 'beside']);
  await assert.rejects(failing, /changed my mind/);
  await beside;
  assert.ok((await Promise.all(during)).every((names) => !names.includes('inside') && !names.includes('renamed')));
  assert.deepEqual(await namesOf(driver), ['beside']);
  assert.equal(await driver.transaction(async (connection) => (await connection.all(LIST, [])).length), 1);
});

onEachDriver('a transaction counts the rows that SQL put together at run time has changed', async (driver) => {
  await driver.transaction(async (connection) => {
    const parameters = driver.dialect === 'sqlite' ? '?, ?' : '$1, $2';
    assert.equal((await connection.query(`INSERT INTO things (id, name) VALUES (${parameters})`, [5, 'five'])).rowCount, 1);
    await connection.all(INSERT, [6, 'six']);
    assert.equal((await connection.query(`UPDATE things SET name = name || '!'`, [])).rowCount, 2);
    assert.equal((await connection.query('DELETE FROM things WHERE id > 100', [])).rowCount, 0);
  });
  assert.deepEqual(await namesOf(driver), ['five!', 'six!']);
});

onEachDriver('transactions that read and then write lose no update', async (driver) => {
  await driver.write(INSERT, [1, '0']);
  const lock = driver.dialect === 'sqlite' ? '' : 'FOR UPDATE';
  const add = (connection: Connection): Promise<unknown> =>
    connection
      .query(`SELECT name FROM things WHERE id = 1 ${lock}`, [])
      .then(({ rows }) => connection.all(RENAME, [1, String(Number(rows[0]?.['name']) + 1)]));
  await Promise.all(Array.from({ length: 20 }, () => driver.transaction(add)));
  assert.deepEqual(await namesOf(driver), ['20']);
});

onEachDriver('of exclusive transactions one runs at a time, in other processes too', async (driver, _t, open) => {
  const drivers = driver.dialect === 'postgresql' || (await isShared(await open())) ? [driver, await open()] : [driver];
  let inside = 0;
  const work = async (connection: Connection): Promise<void> => {
    inside += 1;
    for (let turn = 0; turn < 5; turn++) {
      assert.equal(inside, 1);
      await connection.all(LIST, []);
    }
    inside -= 1;
  };
  await Promise.all([...drivers, ...drivers].map((each) => each.transaction(work, { exclusive: true })));
});

onEachDriver(
  'a connection on which DatabaseUnavailable was thrown is not used again, and its transaction is rolled back',
  async (driver) => {
    const stuck = driver.transaction(async (connection) => {
      await connection.all(INSERT, [1, 'stuck']);
      throw new DatabaseUnavailable('it took too long');
    });
    await assert.rejects(stuck, /it took too long/);
    await driver.write(INSERT, [1, 'next']);
    assert.deepEqual(await namesOf(driver), ['next']);
  },
);

onEachDriver(
  'a read put together at run time changes nothing',
  async (driver) => {
    const write = driver.query("INSERT INTO things (id, name) VALUES (1, 'one')", []);
    await assert.rejects(write);
    assert.deepEqual(await namesOf(driver), []);
  },
  ['file', 'postgresql'],
);

onEachDriver('a close finishes what was begun, and refuses what comes after', async (driver) => {
  let finish: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (finish = resolve));
  const begun = driver.transaction(async (connection) => {
    await waiting;
    return connection.all(INSERT, [1, 'one']);
  });
  const written = driver.dialect === 'sqlite' ? driver.write(INSERT, [2, 'two']) : Promise.resolve();
  const closed = driver.close();
  const late = [
    driver.write(INSERT, [3, 'three']),
    driver.unit([step(INSERT, 3, 'three')]),
    driver.transaction(async () => undefined),
    driver.transaction(async () => undefined, { exclusive: true }),
  ];
  for (const each of late) await assert.rejects(each, DatabaseUnavailable);
  finish();
  assert.deepEqual(await begun, [{ id: 1, name: 'one' }]);
  await Promise.all([written, closed]);
  for (const each of [driver.all(LIST, []), driver.query('SELECT 1', []), driver.ping()]) await assert.rejects(each, DatabaseUnavailable);
  await driver.close();
});

test('on PostgreSQL a transaction whose statement failed is never taken for kept', { skip: withoutPostgresql }, async (t) => {
  const { driver } = await openDriver(await newDatabase(t, 'postgresql'), { folder: tmpdir() });
  t.after(() => driver.close());
  await driver.transaction((connection) => connection.query(SCHEMA[0] ?? '', []));
  const caught = driver.transaction(async (connection) => {
    await connection.all(INSERT, [1, 'one']);
    await connection.all(INSERT, [1, 'again']).catch(() => undefined);
  });
  await assert.rejects(caught, /rolled back/);
  assert.deepEqual(await namesOf(driver), []);
});
