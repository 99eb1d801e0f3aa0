import type { Knex } from 'knex';
import type { Dialect } from './driver.ts';
import type { Row, Statement, Step, Value } from './statements.ts';

export type { DatabaseConfig } from './config.ts';
export { DatabaseUnavailable, InvalidText, UniqueViolation } from './errors.ts';

/**
 * The database, as all functions of the store take it. If it cannot be reached, every method throws `DatabaseUnavailable`. Inside
 * `transaction`, use only the database that is passed to `work`: SQLite has one connection that writes, so the outer one would wait for its
 * own transaction.
 */
export interface Database {
  readonly dialect: Dialect;
  /**
   * knex's query builder, for migrations and plugins. Inside a transaction it is bound to that transaction; outside, it can only read and
   * has no `transaction`. Column names are those of the tables.
   */
  readonly knex: Knex;
  /**
   * Runs `work` in one transaction: everything is kept (and durable once this resolves), or, if `work` throws, nothing is. `work` may run
   * again after a serialization failure (PostgreSQL), so it must not change anything outside the database. Takes at most 15 seconds.
   */
  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  /** Like `transaction`, but without a time limit, and only one process at a time. For schema changes. */
  exclusive<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  /** Runs a prepared read. It sees what was committed before it, and nothing that is uncommitted. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /**
   * Runs a prepared write, which is durable once this resolves, and returns its RETURNING rows. On SQLite, concurrent writes share a
   * commit. @throws {UniqueViolation}
   */
  write(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Like `write`, for several statements that are kept or rolled back together; returns the rows of each. */
  writeUnit(steps: readonly Step[]): Promise<Row[][]>;
  /** Runs SQL that was built at run time. Outside a transaction it can only read; a long read does not delay other callers. */
  query(sql: string, values: readonly Value[]): Promise<Row[]>;
  /** Resolves if the database answers. @throws {DatabaseUnavailable} */
  ping(): Promise<void>;
  /** Completes running work, then closes. Later calls throw `DatabaseUnavailable`. */
  close(): Promise<void>;
}
