import type { Row, Value } from '../statements.ts';

/** One connection to a SQLite database, of whatever package. Its errors are those of the store (see `Driver`). */
export interface SqliteConnection {
  /** Runs a statement to its end, so that no snapshot stays open, and returns its rows; keeps it prepared. */
  all(sql: string, values: readonly Value[]): Promise<Row[]>;
  /** As `all`, for SQL that does not come again. */
  allOnce(sql: string, values: readonly unknown[]): Promise<Row[]>;
  /** Rolls back if a transaction is open, after what runs. @throws {Error} if that fails: then the connection cannot be used further */
  rollback(): Promise<void>;
  /** Closes after what runs; an open transaction is rolled back. Never throws. */
  close(): Promise<void>;
}

export interface SqliteOptions {
  /** Make the file if there is none. */
  create: boolean;
  /** Refuse to write (PRAGMA query_only). */
  readOnly: boolean;
  synchronous: 'FULL' | 'NORMAL';
  /** Bytes of the file that are mapped into memory at most, and KiB of the cache for the rest; `null`: SQLite's own, which are small. */
  memory: { map: number; cache: number } | null;
}

/** Opens a file, or `:memory:`, in WAL mode with foreign keys. @throws {DatabaseUnavailable} */
export type OpenConnection = (filename: string, options: SqliteOptions) => Promise<SqliteConnection>;
