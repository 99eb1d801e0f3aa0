import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import { DatabaseUnavailable, translate } from '../errors.ts';
import type { Row, Value } from '../statements.ts';
import type { SqliteConnection, SqliteOptions } from './connection.ts';

/** Milliseconds for which SQLite itself waits for another process that writes. */
const BUSY_TIMEOUT = 5000;

/** Switching a fresh file to WAL does not wait for other processes that do the same, so it is tried some times. */
const OPEN_ATTEMPTS = 50;

/** Opens a connection of the package sqlite3. @throws {DatabaseUnavailable} */
export async function openSqlite3(filename: string, options: SqliteOptions): Promise<SqliteConnection> {
  if (options.create && filename !== ':memory:') makeFile(filename);
  for (let attempt = 1; ; attempt++) {
    const connection = new Sqlite3Connection(await openRaw(filename));
    try {
      await connection.prepareUse(options);
      return connection;
    } catch (error) {
      await connection.close();
      if (attempt === OPEN_ATTEMPTS || !isBusy(error)) throw error;
      await delay(Math.random() * 100);
    }
  }
}

/** Statements run in the order of their promises only if each is awaited. */
class Sqlite3Connection implements SqliteConnection {
  readonly #raw: sqlite3.Database;
  /** By their SQL. The program has a fixed number of them. */
  readonly #statements = new Map<string, sqlite3.Statement>();

  constructor(raw: sqlite3.Database) {
    this.#raw = raw;
  }

  /** Never with node-sqlite3's `get`, which leaves the statement open, and with it the snapshot that it reads. */
  all(sql: string, values: readonly Value[]): Promise<Row[]> {
    const prepared = this.#statements.get(sql);
    return prepared ? runStatement(prepared, values) : this.#prepare(sql).then((statement) => runStatement(statement, values));
  }

  allOnce(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#raw.all(sql, values, (error: Error | null, rows: Row[]) => (error ? reject(asError(error)) : resolve(rows)));
    });
  }

  async rollback(): Promise<void> {
    try {
      await this.#exec('ROLLBACK');
    } catch (error) {
      // SQLite has rolled back by itself already, as it does on a full disk.
      if (!(error instanceof Error) || !error.message.includes('no transaction is active')) throw error;
    }
  }

  async close(): Promise<void> {
    for (const statement of this.#statements.values()) statement.finalize(() => undefined);
    this.#statements.clear();
    await new Promise<void>((resolve) => {
      this.#raw.close(() => resolve());
    });
  }

  async prepareUse(options: SqliteOptions): Promise<void> {
    this.#raw.configure('busyTimeout', BUSY_TIMEOUT);
    await this.#exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${options.synchronous}; PRAGMA foreign_keys = ON`);
    const { memory } = options;
    if (memory) await this.#exec(`PRAGMA mmap_size = ${memory.map}; PRAGMA cache_size = -${memory.cache}`);
    if (options.readOnly) await this.#exec('PRAGMA query_only = ON');
  }

  /** Waits for all statements that run, and holds up those that come. */
  #exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#raw.exec(sql, (error) => (error ? reject(asError(error)) : resolve()));
    });
  }

  async #prepare(sql: string): Promise<sqlite3.Statement> {
    const statement = await new Promise<sqlite3.Statement>((resolve, reject) => {
      const made: sqlite3.Statement = this.#raw.prepare(sql, (error: Error | null) => (error ? reject(asError(error)) : resolve(made)));
    });
    const other = this.#statements.get(sql);
    if (!other) {
      this.#statements.set(sql, statement);
      return statement;
    }
    // Another request has prepared the same statement in the meantime.
    statement.finalize(() => undefined);
    return other;
  }
}

function runStatement(statement: sqlite3.Statement, values: readonly Value[]): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    statement.all(values, (error: Error | null, rows: Row[]) => (error ? reject(asError(error)) : resolve(rows)));
  });
}

function openRaw(filename: string): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    // Without OPEN_CREATE: a file that has vanished must not come back empty.
    const raw = new sqlite3.Database(filename, sqlite3.OPEN_READWRITE | sqlite3.OPEN_FULLMUTEX, (error) => {
      if (error) reject(asError(error));
      else resolve(raw);
    });
  });
}

/** SQLite would make it readable for everybody; its companions (-wal, -shm) take its mode. */
function makeFile(filename: string): void {
  try {
    closeSync(openSync(filename, 'a', 0o600));
  } catch (error) {
    throw new DatabaseUnavailable(`cannot open ${filename}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && error.cause instanceof Error && /^SQLITE_(?:BUSY|LOCKED)/.test(error.cause.message);
}

function asError(error: Error): Error {
  const translated = translate(error);
  return translated instanceof Error ? translated : error;
}
