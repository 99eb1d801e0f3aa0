import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import { DatabaseUnavailable, translate } from '../errors.ts';
import type { Row, Value } from '../statements.ts';
import type { SqliteConnection, SqliteOptions } from './connection.ts';

/** Milliseconds for which SQLite waits for another process that writes. */
const BUSY_TIMEOUT = 5000;

/** How many times switching a new file to WAL is tried: it does not wait for other processes that do the same. */
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

/** Each statement is awaited, since sqlite3 otherwise does not guarantee their order. */
class Sqlite3Connection implements SqliteConnection {
  readonly #raw: sqlite3.Database;
  /** Prepared statements by SQL. Their number is fixed. */
  readonly #statements = new Map<string, sqlite3.Statement>();

  constructor(raw: sqlite3.Database) {
    this.#raw = raw;
  }

  /** Never use node-sqlite3's `get`: it leaves the statement open, and with it the snapshot that it reads. */
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
      // SQLite has already rolled back by itself, for example when the disk is full.
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

  /** Waits for running statements, and delays new ones. */
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
    // Without OPEN_CREATE, so that a removed file is not replaced by an empty one.
    const raw = new sqlite3.Database(filename, sqlite3.OPEN_READWRITE | sqlite3.OPEN_FULLMUTEX, (error) => {
      if (error) reject(asError(error));
      else resolve(raw);
    });
  });
}

/** SQLite would make it world-readable; the -wal and -shm files get the same mode. */
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
