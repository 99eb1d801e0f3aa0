import { setTimeout as delay } from 'node:timers/promises';
import createKnex, { type Knex } from 'knex';
import PostgresqlDialect from 'knex/lib/dialects/postgres/index.js';
import pg from 'pg';
import type { PostgresqlConfig } from './config.ts';
import type { Database } from './database.ts';
import { DatabaseUnavailable, isConflict, translate } from './errors.ts';
import { statement, type Row, type Statement, type Step, type Value } from './statements.ts';
import { runTransaction, TRANSACTION_LIMIT } from './transaction.ts';

/** Milliseconds after which a database that does not answer counts as away; the query's own is behind the server's, which tells more. */
const LIMITS = {
  connectionTimeoutMillis: 5000,
  statement_timeout: 10_000,
  query_timeout: 12_000,
  idle_in_transaction_session_timeout: 2 * TRANSACTION_LIMIT,
};

/**
 * Of the connections for reads beside the hot paths. Lists read few rows, so that workers and compiled queries, which PostgreSQL takes for large
 * ones, would only delay them, and other requests too.
 */
const READ_ONLY = '-c default_transaction_read_only=on -c max_parallel_workers_per_gather=0 -c jit=off';

/** They are few, so that most of what the database can do is left to the hot paths. */
const READERS = { max: 4, acquireTimeoutMillis: 10_000 };

const NO_LIMITS = { connectionTimeoutMillis: 5000 };

/** Runs of one transaction at most, when each fails only because of others at the same time. */
const ATTEMPTS = 5;

/** Key of the advisory lock that exclusive transactions hold; an arbitrary number, the same in all versions. */
const EXCLUSIVE_LOCK = 4_720_114_957;

const PING = statement('postgresql_ping', 'SELECT 1 AS up');
const LOCK = statement('postgresql_lock', `SELECT 1 AS locked FROM pg_advisory_xact_lock(${EXCLUSIVE_LOCK})`);

/** A connection of pg, as far as it is used here. */
interface Connection {
  query(query: { name: string; text: string; values: readonly Value[] }): Promise<{ rows: Row[] }>;
  /** knex's mark on a connection that its pool is not to give out again. */
  __knex__disposed?: unknown;
}

/** What of knex's client is used here; knex types it as any. */
interface Pool {
  acquireConnection(): Promise<Connection>;
  releaseConnection(connection: Connection): Promise<void>;
}

/** Makes the handle of a PostgreSQL database; connects when it is first asked. */
export function openPostgresql(config: PostgresqlConfig): Database {
  return new PostgresqlDatabase(config);
}

class PostgresqlDatabase implements Database {
  readonly dialect = 'postgresql';
  /** On read-only connections of its own. */
  readonly knex: Knex;
  readonly #pool: Knex;
  readonly #config: PostgresqlConfig;
  #closed = false;

  constructor(config: PostgresqlConfig) {
    this.#config = config;
    this.#pool = openKnex(config, LIMITS);
    this.knex = openKnex(readOnly(config), LIMITS);
  }

  async transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transact(this.#pool, work, TRANSACTION_LIMIT);
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (attempt === ATTEMPTS) throw new DatabaseUnavailable('the transaction met others each time it was tried', { cause: error });
      }
      await delay(Math.random() * 20 * attempt);
    }
  }

  async exclusive<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new DatabaseUnavailable('the database is closed');
    const own = openKnex({ ...this.#config, pool: { min: 0, max: 1 } }, NO_LIMITS);
    try {
      return await transact(
        own,
        async (db) => {
          await db.all(LOCK, []);
          return work(db);
        },
        0,
      );
    } finally {
      await own.destroy();
    }
  }

  all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return lend(this.#pool, (connection) => run(connection, statement, values));
  }

  write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.all(statement, values);
  }

  async writeUnit(steps: readonly Step[]): Promise<Row[][]> {
    const [first] = steps;
    if (!first) return [];
    if (steps.length === 1) return [await this.write(first.statement, first.values)];
    return this.transaction((db) => db.writeUnit(steps));
  }

  async ping(): Promise<void> {
    await this.all(PING, []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#pool.destroy(), this.knex.destroy()]);
  }
}

function readOnly(config: PostgresqlConfig): PostgresqlConfig {
  const own: unknown = Reflect.get(config.connection, 'options');
  const options = typeof own === 'string' ? `${own} ${READ_ONLY}` : READ_ONLY;
  return { ...config, connection: { ...config.connection, options }, pool: { ...config.pool, min: 0, ...READERS } };
}

async function run(connection: Connection, { name, postgresql }: Statement, values: readonly Value[]): Promise<Row[]> {
  try {
    return (await connection.query({ name, text: postgresql, values })).rows;
  } catch (error) {
    throw translate(error);
  }
}

function transact<Result>(knex: Knex, work: (db: Database) => Promise<Result>, limit: number): Promise<Result> {
  return lend(knex, (connection) =>
    runTransaction(knex, connection, (statement, values) => run(connection, statement, values), work, limit),
  );
}

async function lend<Result>(knex: Knex, use: (connection: Connection) => Promise<Result>): Promise<Result> {
  const pool = knex.client as Pool;
  const connection = await pool.acquireConnection();
  try {
    return await use(connection);
  } catch (error) {
    // What it still carries (a lost answer, an open transaction) must reach nobody else.
    if (error instanceof DatabaseUnavailable) connection.__knex__disposed ??= error;
    throw error;
  } finally {
    await pool.releaseConnection(connection);
  }
}

/** knex's PostgreSQL with the store's errors, that finishes what was begun before it closes: knex's own would break it off. */
class StorePostgresql extends PostgresqlDialect {
  /** Connections that are asked for or in use. */
  #users = 0;
  #closing = false;
  #lastLeft: () => void = () => undefined;

  override _driver(): unknown {
    return pg;
  }

  override async acquireConnection(): Promise<unknown> {
    if (this.#closing) throw new DatabaseUnavailable('the database is closed');
    this.#users += 1;
    try {
      return await super.acquireConnection();
    } catch (error) {
      this.#leave();
      throw translate(error);
    }
  }

  override async releaseConnection(connection: unknown): Promise<void> {
    this.#leave();
    await super.releaseConnection(connection);
  }

  override async destroy(): Promise<void> {
    this.#closing = true;
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#lastLeft = resolve));
    await super.destroy();
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#lastLeft();
  }

  override async _query(connection: unknown, query: unknown): Promise<unknown> {
    try {
      return await super._query(connection, query);
    } catch (error) {
      throw translate(error);
    }
  }
}

/** int8, which pg gives as text: all of ours are times and row numbers, far below 2^53. */
const INT8 = 20;

const types = { getTypeParser: parserOf };

/** Asked for the text format only. */
function parserOf(oid: number): (text: string) => unknown {
  return oid === INT8 ? Number : (pg.types.getTypeParser(oid, 'text') as (text: string) => unknown); // pg types what it gives as any
}

function openKnex({ connection, pool, more }: PostgresqlConfig, limits: object): Knex {
  const silent = { warn: () => undefined, error: () => undefined, deprecate: () => undefined, debug: () => undefined };
  return createKnex({
    ...more,
    client: StorePostgresql,
    connection: { application_name: 'allauth-kit', keepAlive: true, ...limits, ...connection, types },
    pool: { min: 0, max: 10, acquireTimeoutMillis: 5000, ...pool },
    compileSqlOnError: false, // knex would put the values into the messages of errors, hashes among them
    log: silent,
  });
}
