import type { Knex } from 'knex';
import type { Row, Statement, Step, Value } from './statements.ts';

export type { DatabaseConfig } from './config.ts';
export { DatabaseUnavailable, InvalidText, UniqueViolation } from './errors.ts';

/**
 * The database, in the one form that the store's functions take. All that they throw because it is away is `DatabaseUnavailable`.
 * Inside `transaction` use the given one alone: SQLite has one connection that writes, so the outer one would wait for its own end.
 */
export interface Database {
  readonly dialect: 'sqlite' | 'postgresql';
  /** knex's query builder, for what is not hot: for reading only outside a transaction, bound to it inside. Names columns as the tables do. */
  readonly knex: Knex;
  /**
   * Runs `work` in one transaction: all of it is kept (durable once answered), or, when it throws, nothing.
   * It may be run again after a serialization failure (PostgreSQL), so it must change nothing outside the database. At most 15 seconds.
   */
  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  /** As `transaction`, without a limit of time, and while no other process is in one. For changes of the schema. */
  exclusive<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  /** Runs a prepared read; sees what was committed before, never what others have not committed. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Runs a prepared write, durable once answered; gives its RETURNING rows. On SQLite, concurrent ones share a commit. @throws {UniqueViolation} */
  write(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** As `write`, for a few statements of which all are kept, or none; gives the rows of each. */
  writeUnit(steps: readonly Step[]): Promise<Row[][]>;
  /** Answers when the database does. @throws {DatabaseUnavailable} */
  ping(): Promise<void>;
  /** Waits for what was begun, then closes; whatever comes after is refused with `DatabaseUnavailable`. */
  close(): Promise<void>;
}
