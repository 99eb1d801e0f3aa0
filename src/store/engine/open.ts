import type { Knex } from 'knex';
import { parseDatabaseConfig, type DatabaseConfig } from './config.ts';
import type { Database } from './database.ts';
import type { Dialect, Driver } from './driver.ts';
import { openKnex, type KnexOptions, type RunQuery } from './knex.ts';
import type { Row, Statement, Step, Value } from './statements.ts';
import { runTransaction, TRANSACTION_LIMIT, type Ground } from './transaction.ts';

/**
 * Opens the database of setting DATABASE; relative paths start at `folder`. A missing SQLite file is created (mode 0600), but without a
 * schema: see `migrate`.
 * @throws {Error} if the setting names no supported database, or its driver is not installed
 * @throws {DatabaseUnavailable} if a SQLite file cannot be opened; PostgreSQL is not contacted before `ping`
 */
export async function openDatabase(config: DatabaseConfig, options: { folder: string }): Promise<Database> {
  const { driver, knex } = await openDriver(config, options);
  return new DriverDatabase(driver, knex);
}

/** The driver below `openDatabase`, and the setting's options for knex. @throws as `openDatabase` */
export async function openDriver(config: DatabaseConfig, { folder }: { folder: string }): Promise<{ driver: Driver; knex: KnexOptions }> {
  const parsed = parseDatabaseConfig(config, folder);
  // Loaded dynamically, so that a server loads only the driver that it uses.
  if (parsed.dialect === 'postgresql') return { driver: (await importPostgresql()).openPostgresql(parsed), knex: parsed.more };
  const [{ openSqlite }, { openSqlite3 }] = await Promise.all([import('./sqlite/driver.ts'), import('./sqlite/sqlite3.ts')]);
  return { driver: await openSqlite(parsed, openSqlite3), knex: {} };
}

async function importPostgresql(): Promise<typeof import('./postgresql/driver.ts')> {
  try {
    return await import('./postgresql/driver.ts');
  } catch (error) {
    if (!(error instanceof Error) || !/Cannot find (?:package|module) 'pg'/.test(error.message)) throw error;
    throw new Error("DATABASE names a PostgreSQL database, but the package 'pg' is not installed: npm install pg", { cause: error });
  }
}

/** Adds to the driver what the store and plugins need: knex, and transactions with time limits and savepoints. */
class DriverDatabase implements Database {
  readonly dialect: Dialect;
  readonly #driver: Driver;
  readonly #ground: Ground;
  #knex: Knex | null = null;

  constructor(driver: Driver, knexOptions: KnexOptions) {
    this.dialect = driver.dialect;
    this.#driver = driver;
    this.#ground = { dialect: driver.dialect, knexOptions };
  }

  get knex(): Knex {
    const query: RunQuery = (sql, values) => this.#driver.query(sql, values);
    return (this.#knex ??= openKnex(this.dialect, this.#ground.knexOptions, query, null));
  }

  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    return this.#driver.transaction((connection) => runTransaction(connection, this.#ground, work, TRANSACTION_LIMIT));
  }

  exclusive<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    return this.#driver.transaction((connection) => runTransaction(connection, this.#ground, work, 0), { exclusive: true });
  }

  all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.#driver.all(statement, values);
  }

  write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.#driver.write(statement, values);
  }

  writeUnit(steps: readonly Step[]): Promise<Row[][]> {
    return this.#driver.unit(steps);
  }

  async query(sql: string, values: readonly Value[]): Promise<Row[]> {
    return (await this.#driver.query(sql, values)).rows;
  }

  ping(): Promise<void> {
    return this.#driver.ping();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}
