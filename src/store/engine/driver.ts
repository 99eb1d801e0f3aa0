import type { Row, Statement, Step, Value } from './statements.ts';

/** The two languages in which the store writes its SQL. */
export type Dialect = 'sqlite' | 'postgresql';

/**
 * What the store needs of a database; everything else (deadlines, savepoints, knex, migrations) is built on it. A driver is one class, and
 * `test/store/engine/driver.test.ts` holds each to this contract.
 *
 * Errors: a driver throws `DatabaseUnavailable` if the database is away, full, locked or damaged, `UniqueViolation` and `OwnerGone` if a
 * constraint fails, `InvalidText` for text that it cannot store, and no message or member of an error quotes a value.
 */
export interface Driver {
  readonly dialect: Dialect;
  /** Runs a prepared read; sees all that was committed before, and nothing that others have not committed. Hot. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Runs a prepared write, durable once it resolves; returns its RETURNING rows. One that fails undoes itself alone. Hot. */
  write(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Runs a few prepared writes, of which all are kept or none; returns the rows of each. Hot. */
  unit(steps: readonly Step[]): Promise<Row[][]>;
  /** Runs SQL that was put together at run time and only reads, however long, without holding up the methods above. */
  query(sql: string, values: readonly unknown[]): Promise<QueryResult>;
  /**
   * Runs `work` between BEGIN and COMMIT, and rolls back if it throws. What others do at the same time is no part of it. The driver may run
   * `work` again if the database could not serialize it. A connection on which `DatabaseUnavailable` was thrown is not used again.
   * @param options.exclusive no other process is in an exclusive transaction, and no statement has a time limit; never run again
   */
  transaction<Result>(work: (connection: Connection) => Promise<Result>, options?: { exclusive?: boolean }): Promise<Result>;
  /** Resolves if the database answers. @throws {DatabaseUnavailable} */
  ping(): Promise<void>;
  /** Finishes what was begun, then closes; what comes after is refused with `DatabaseUnavailable`. */
  close(): Promise<void>;
}

/** The connection of one transaction. Its caller awaits each statement before the next. */
export interface Connection {
  /** Runs a prepared statement, which may write. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Runs any SQL, which may write. */
  query(sql: string, values: readonly unknown[]): Promise<QueryResult>;
}

/** The result of SQL that was put together at run time; what it holds beside the rows is for knex. */
export interface QueryResult {
  readonly rows: Row[];
  /** Rows that the last write changed. */
  readonly rowCount?: number | null;
  /** SQLite: the id of the row that was inserted last. */
  readonly lastId?: number;
  /** PostgreSQL: which command it was, such as `SELECT`. */
  readonly command?: string;
}
