import type { Row, Value } from '../statements.ts';

/** A connection to a SQLite database, independent of the package. Throws the errors of the store (see `Driver`). */
export interface SqliteConnection {
  /** Runs a statement to its end, so that no snapshot stays open, and returns its rows. The prepared statement is kept. */
  all(sql: string, values: readonly Value[]): Promise<Row[]>;
  /** Like `all`, for SQL that is not reused. */
  allOnce(sql: string, values: readonly unknown[]): Promise<Row[]>;
  /** Waits for running statements, then rolls back an open transaction. @throws {Error} if that fails: the connection must then be discarded */
  rollback(): Promise<void>;
  /** Waits for running statements, then closes; an open transaction is rolled back. Never throws. */
  close(): Promise<void>;
}

export interface SqliteOptions {
  /** Create the file if it does not exist. */
  create: boolean;
  /** Read-only (PRAGMA query_only). */
  readOnly: boolean;
  synchronous: 'FULL' | 'NORMAL';
  /**
   * The maximum number of bytes of the file to map into memory, and the size of the cache for the rest (KiB); `null` for SQLite's defaults,
   * which are small.
   */
  memory: { map: number; cache: number } | null;
}

/** Opens a file, or `:memory:`, in WAL mode with foreign keys. @throws {DatabaseUnavailable} */
export type OpenConnection = (filename: string, options: SqliteOptions) => Promise<SqliteConnection>;
