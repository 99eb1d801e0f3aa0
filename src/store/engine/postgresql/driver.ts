import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase, ClientConfig } from 'pg';
import type { PostgresqlConfig } from '../config.ts';
import type { Connection, Driver, QueryResult } from '../driver.ts';
import { DatabaseUnavailable, isConflict, translate } from '../errors.ts';
import { statement, type Row, type Statement, type Step, type Value } from '../statements.ts';
import { TRANSACTION_LIMIT } from '../transaction.ts';
import { ConnectionPool } from './pool.ts';

/**
 * Milliseconds after which a database that does not answer counts as unavailable. The timeout of the query is longer than that of the
 * server, whose error says more.
 */
const LIMITS: ClientConfig = {
  statement_timeout: 10_000,
  query_timeout: 12_000,
  idle_in_transaction_session_timeout: 2 * TRANSACTION_LIMIT,
};

/**
 * Options of the connections for SQL that is built at run time. Lists read few rows, but PostgreSQL estimates many: parallel workers and
 * JIT compilation would only delay them and other requests.
 */
const READ_ONLY = '-c default_transaction_read_only=on -c max_parallel_workers_per_gather=0 -c jit=off';

/** The maximum number of those connections; low, so that the hot paths get most of the database's capacity. */
const READERS = { min: 0, max: 4, acquireTimeoutMillis: 10_000 };

/** How many times a transaction is tried if it fails only because of concurrent ones. */
const ATTEMPTS = 5;

/** Key of the advisory lock that exclusive transactions hold; an arbitrary number, the same in all versions. */
const EXCLUSIVE_LOCK = 4_720_114_957;

const PING = statement('postgresql_ping', 'SELECT 1 AS up');

/** Creates the driver of a PostgreSQL database; it connects on first use. */
export function openPostgresql(config: PostgresqlConfig): Driver {
  return new PostgresqlDriver(config);
}

class PostgresqlDriver implements Driver {
  readonly dialect = 'postgresql';
  readonly #config: PostgresqlConfig;
  readonly #pool: ConnectionPool;
  readonly #readers: ConnectionPool;
  #closed = false;

  constructor(config: PostgresqlConfig) {
    this.#config = config;
    this.#pool = new ConnectionPool(config, LIMITS);
    this.#readers = new ConnectionPool(readOnly(config), LIMITS);
  }

  all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.#pool.lend((client) => runPrepared(client, statement, values));
  }

  write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.all(statement, values);
  }

  async unit(steps: readonly Step[]): Promise<Row[][]> {
    const [first] = steps;
    if (!first) return [];
    if (steps.length === 1) return [await this.write(first.statement, first.values)];
    return this.transaction(async (connection) => {
      const rows: Row[][] = [];
      for (const { statement, values } of steps) rows.push(await connection.all(statement, values));
      return rows;
    });
  }

  query(sql: string, values: readonly unknown[]): Promise<QueryResult> {
    return this.#readers.lend((client) => run(client, sql, values));
  }

  async transaction<Result>(
    work: (connection: Connection) => Promise<Result>,
    { exclusive = false }: { exclusive?: boolean } = {},
  ): Promise<Result> {
    if (exclusive) return this.#runExclusive(work);
    for (let attempt = 1; ; attempt++) {
      try {
        return await transact(this.#pool, work);
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (attempt === ATTEMPTS) throw new DatabaseUnavailable('the transaction met others each time it was tried', { cause: error });
      }
      await delay(Math.random() * 20 * attempt);
    }
  }

  async ping(): Promise<void> {
    await this.all(PING, []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#pool.close(), this.#readers.close()]);
  }

  async #runExclusive<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new DatabaseUnavailable('the database is closed');
    const own = new ConnectionPool({ ...this.#config, pool: { max: 1 } }, {});
    try {
      return await transact(own, async (connection) => {
        await connection.query(`SELECT pg_advisory_xact_lock(${EXCLUSIVE_LOCK})`, []);
        return work(connection);
      });
    } finally {
      await own.close();
    }
  }
}

function readOnly(config: PostgresqlConfig): PostgresqlConfig {
  const own: unknown = Reflect.get(config.connection, 'options');
  const options = typeof own === 'string' ? `${own} ${READ_ONLY}` : READ_ONLY;
  return { ...config, connection: { ...config.connection, options }, pool: { ...config.pool, ...READERS } };
}

function transact<Result>(pool: ConnectionPool, work: (connection: Connection) => Promise<Result>): Promise<Result> {
  return pool.lend(async (client) => {
    await run(client, 'BEGIN');
    try {
      const result = await work({
        all: (statement, values) => runPrepared(client, statement, values),
        query: (sql, values) => run(client, sql, values),
      });
      const { command } = await run(client, 'COMMIT');
      if (command !== 'COMMIT') throw new Error('a statement of the transaction failed, so that all of it was rolled back');
      return result;
    } catch (error) {
      // The connection is then closed, which also rolls back.
      if (!(error instanceof DatabaseUnavailable)) await run(client, 'ROLLBACK');
      throw error;
    }
  });
}

async function runPrepared(client: ClientBase, { name, postgresql }: Statement, values: readonly Value[]): Promise<Row[]> {
  try {
    return (await client.query<Row>({ name, text: postgresql, values })).rows;
  } catch (error) {
    throw translate(error);
  }
}

async function run(client: ClientBase, text: string, values: readonly unknown[] = []): Promise<QueryResult> {
  try {
    return await client.query<Row>({ text, values });
  } catch (error) {
    throw translate(error);
  }
}
