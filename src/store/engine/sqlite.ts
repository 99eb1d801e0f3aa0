import type { Knex } from 'knex';
import type { SqliteConfig } from './config.ts';
import type { Database } from './database.ts';
import { DatabaseUnavailable } from './errors.ts';
import { SqliteFile } from './sqlite-file.ts';
import { FileLender, MemoryLender, openKnex } from './sqlite-knex.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import { statement, type Row, type Statement, type Step, type Value } from './statements.ts';
import { runTransaction, TRANSACTION_LIMIT } from './transaction.ts';

// Reads the file, which `SELECT 1` does not.
const PING = statement('sqlite_ping', 'SELECT count(*) AS tables FROM sqlite_schema');

/**
 * Opens a SQLite database: one connection that writes, one that reads on the hot paths, and one for the query builder, whose
 * long reads must hold up neither. `:memory:` has a single one for all.
 * @throws {DatabaseUnavailable}
 */
export async function openSqlite(config: SqliteConfig): Promise<Database> {
  const database = new SqliteDatabase(config);
  await database.ping();
  return database;
}

class SqliteDatabase implements Database {
  readonly dialect = 'sqlite';
  #knex: Knex | null = null;
  readonly #file: SqliteFile;
  readonly #writer: SqliteWriter;

  constructor(config: SqliteConfig) {
    this.#file = new SqliteFile(config);
    this.#writer = new SqliteWriter(this.#file.writer);
  }

  /** Opened at its first use. */
  get knex(): Knex {
    this.#knex ??= openKnex(this.#file.inMemory ? new MemoryLender(this.#writer) : new FileLender(this.#file.browser));
    return this.#knex;
  }

  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    return this.#interact(work, TRANSACTION_LIMIT);
  }

  exclusive<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    return this.#interact(work, 0);
  }

  async all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    // In memory there is no other connection, and this one may be in the middle of somebody's transaction.
    if (this.#file.inMemory) return this.write(statement, values);
    const { reader } = this.#file;
    const connection = reader.current ?? (await reader.get());
    try {
      return await connection.all(statement.sqlite, values);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) await reader.drop(connection);
      throw error;
    }
  }

  async write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    const [rows = []] = await this.#writer.write([{ statement, values }]);
    return rows;
  }

  writeUnit(steps: readonly Step[]): Promise<Row[][]> {
    return this.#writer.write(steps);
  }

  async ping(): Promise<void> {
    if (!this.#file.isThere()) throw new DatabaseUnavailable('the file of the database is gone, or is another one');
    await this.all(PING, []);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#file.close();
    await this.#knex?.destroy();
  }

  #interact<Result>(work: (db: Database) => Promise<Result>, limit: number): Promise<Result> {
    return this.#writer.lend((connection) => {
      const run = (statement: Statement, values: readonly Value[]): Promise<Row[]> => connection.all(statement.sqlite, values);
      return runTransaction(this.knex, connection.raw, run, work, limit);
    });
  }
}
