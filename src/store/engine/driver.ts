import type { Row, Statement, Step, Value } from './statements.ts';

/** The two SQL dialects of the store. */
export type Dialect = 'sqlite' | 'postgresql';

/**
 * What the store needs from a database; everything else (time limits, savepoints, knex, migrations) is built on it. A driver is one class,
 * and `test/store/engine/driver.test.ts` checks each against this contract.
 * Errors: a driver throws `DatabaseUnavailable` if the database cannot be reached or is full, locked or damaged, `UniqueViolation` and
 * `OwnerGone` if a constraint fails, and `InvalidText` for text that it cannot store. No message or property of an error contains a value.
 */
export interface Driver {
  readonly dialect: Dialect;
  /** Runs a prepared read. It sees what was committed before it, and nothing that is uncommitted. Hot path. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /**
   * Runs a prepared write, which is durable once this resolves, and returns its RETURNING rows. A failed write rolls back only itself. Hot
   * path.
   */
  write(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Runs several prepared writes that are kept or rolled back together; returns the rows of each. Hot path. */
  unit(steps: readonly Step[]): Promise<Row[][]>;
  /** Runs SQL that was built at run time and only reads. A long read does not delay the methods above. */
  query(sql: string, values: readonly unknown[]): Promise<QueryResult>;
  /**
   * Runs `work` between BEGIN and COMMIT, and rolls back if it throws. Concurrent work of other callers is not part of the transaction. The
   * driver may run `work` again after a serialization failure. A connection on which `DatabaseUnavailable` was thrown is not reused.
   * @param options.exclusive only one process at a time runs an exclusive transaction; it has no statement timeout and is never run again
   */
  transaction<Result>(work: (connection: Connection) => Promise<Result>, options?: { exclusive?: boolean }): Promise<Result>;
  /** Resolves if the database answers. @throws {DatabaseUnavailable} */
  ping(): Promise<void>;
  /** Completes running work, then closes. Later calls throw `DatabaseUnavailable`. */
  close(): Promise<void>;
}

/** The connection of one transaction. The caller awaits each statement before it sends the next. */
export interface Connection {
  /** Runs a prepared statement, which may write. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]>;
  /** Runs any SQL, which may write. */
  query(sql: string, values: readonly unknown[]): Promise<QueryResult>;
}

/** The result of SQL that was built at run time; everything except the rows is for knex. */
export interface QueryResult {
  readonly rows: Row[];
  /** The number of rows that the last write changed. */
  readonly rowCount?: number | null;
  /** SQLite: the id of the last inserted row. */
  readonly lastId?: number;
  /** PostgreSQL: the command, such as `SELECT`. */
  readonly command?: string;
}
