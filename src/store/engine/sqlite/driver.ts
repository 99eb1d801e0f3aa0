import type { SqliteConfig } from '../config.ts';
import type { Connection, Driver, QueryResult } from '../driver.ts';
import { DatabaseUnavailable } from '../errors.ts';
import { numberOf, statement, type Row, type Statement, type Step, type Value } from '../statements.ts';
import type { OpenConnection, SqliteConnection } from './connection.ts';
import { SqliteFile, type Slot } from './file.ts';
import { SqliteWriter } from './writer.ts';

// Reads the file; `SELECT 1` does not.
const PING = statement('sqlite_ping', 'SELECT count(*) AS tables FROM sqlite_schema');

const CHANGES = 'SELECT changes() AS changes, last_insert_rowid() AS last_id';

/**
 * Opens a SQLite database with three connections: one for writes, one for reads on the hot paths, and one for SQL that is built at run
 * time, whose long reads must delay neither. `:memory:` has a single connection for everything.
 * @throws {DatabaseUnavailable}
 */
export async function openSqlite(config: SqliteConfig, openConnection: OpenConnection): Promise<Driver> {
  const driver = new SqliteDriver(new SqliteFile(config, openConnection));
  await driver.ping();
  return driver;
}

class SqliteDriver implements Driver {
  readonly dialect = 'sqlite';
  readonly #file: SqliteFile;
  readonly #writer: SqliteWriter;

  constructor(file: SqliteFile) {
    this.#file = file;
    this.#writer = new SqliteWriter(file.writer);
  }

  async all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    // In memory there is only this connection, and it may be in a transaction.
    if (this.#file.inMemory) return this.write(statement, values);
    return read(this.#file.reader, (connection) => connection.all(statement.sqlite, values));
  }

  async write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    const [rows = []] = await this.#writer.write([{ statement, values }]);
    return rows;
  }

  unit(steps: readonly Step[]): Promise<Row[][]> {
    return this.#writer.write(steps);
  }

  async query(sql: string, values: readonly unknown[]): Promise<QueryResult> {
    if (this.#file.inMemory) return this.#writer.lend((connection) => runAny(connection, sql, values));
    return { rows: await read(this.#file.browser, (connection) => connection.allOnce(sql, values)) };
  }

  /** Always exclusive: BEGIN IMMEDIATE waits until no other process writes. */
  transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#writer.lend(async (connection) => {
      // Otherwise a transaction that reads before it writes fails immediately if another process has written in between.
      await connection.all('BEGIN IMMEDIATE', []);
      const result = await work({
        all: (statement, values) => connection.all(statement.sqlite, values),
        query: (sql, values) => runAny(connection, sql, values),
      });
      await connection.all('COMMIT', []);
      return result;
    });
  }

  async ping(): Promise<void> {
    if (!this.#file.isThere()) throw new DatabaseUnavailable('the file of the database was deleted or replaced');
    await this.all(PING, []);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#file.close();
  }
}

async function read(slot: Slot, use: (connection: SqliteConnection) => Promise<Row[]>): Promise<Row[]> {
  const connection = slot.current ?? (await slot.get());
  try {
    return await use(connection);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) await slot.drop(connection);
    throw error;
  }
}

async function runAny(connection: SqliteConnection, sql: string, values: readonly unknown[]): Promise<QueryResult> {
  const rows = await connection.allOnce(sql, values);
  const [row = {}] = await connection.all(CHANGES, []);
  return { rows, rowCount: numberOf(row, 'changes'), lastId: numberOf(row, 'last_id') };
}
