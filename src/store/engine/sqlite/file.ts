import { statSync } from 'node:fs';
import type { SqliteConfig } from '../config.ts';
import { DatabaseUnavailable } from '../errors.ts';
import type { OpenConnection, SqliteConnection, SqliteOptions } from './connection.ts';
import type { ConnectionSource } from './writer.ts';

/**
 * Memory of the connection for long reads: the number of bytes of the file that it maps, the maximum that SQLite allows, since lists and
 * counts touch many pages and would copy each of them; and the cache (KiB) for the part of the file beyond that.
 */
const BROWSER_MEMORY = { map: 0x7fff_0000, cache: 32_768 };

/** The connections to a file, and whether the path still refers to the file that was opened. */
export class SqliteFile {
  readonly inMemory: boolean;
  /** For the prepared reads. */
  readonly reader: Slot;
  /** For reads of any length. */
  readonly browser: Slot;
  readonly writer: ConnectionSource;
  readonly #filename: string;
  readonly #writing: Slot;
  #opened: string | null = null;
  #closed = false;

  constructor({ filename, synchronous }: SqliteConfig, openConnection: OpenConnection) {
    this.#filename = filename;
    this.inMemory = filename === ':memory:';
    const open = async (readOnly: boolean, memory: SqliteOptions['memory'] = null): Promise<SqliteConnection> => {
      if (this.#closed) throw new DatabaseUnavailable('the database is closed');
      const connection = await openConnection(filename, { create: this.#opened === null, readOnly, synchronous, memory });
      this.#opened ??= this.#identity();
      return connection;
    };
    this.reader = new Slot(() => open(true));
    this.browser = new Slot(() => open(true, BROWSER_MEMORY));
    this.#writing = new Slot(() => open(false));
    this.writer = { get: () => this.#getWriter(), drop: () => this.#dropWriter() };
  }

  /** False if the file was removed or replaced: SQLite continues to write to the old file, and those writes are lost. */
  isThere(): boolean {
    return this.#opened === null || this.#opened === this.#identity();
  }

  /** Closes all connections; no new one is opened. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#closeAll();
  }

  async #closeAll(): Promise<void> {
    await Promise.all([this.reader.close(), this.browser.close(), this.#writing.close()]);
  }

  async #getWriter(): Promise<SqliteConnection> {
    if (!this.isThere()) {
      await this.#closeAll();
      this.#opened = this.#identity(); // opens the new file if there is one; never creates an empty one
    }
    return this.#writing.current ?? this.#writing.get();
  }

  async #dropWriter(): Promise<void> {
    // In memory, the connection is the database.
    if (this.inMemory) await this.#writing.current?.rollback().catch(() => undefined);
    else await this.#writing.close();
  }

  /** Takes a few microseconds. */
  #identity(): string {
    if (this.inMemory) return '';
    const stats = statSync(this.#filename, { throwIfNoEntry: false });
    return stats ? `${stats.dev}:${stats.ino}` : 'none';
  }
}

/** A connection that is opened on first use. */
export class Slot {
  readonly #open: () => Promise<SqliteConnection>;
  #opening: Promise<SqliteConnection> | null = null;
  /** The open connection. */
  current: SqliteConnection | null = null;

  constructor(open: () => Promise<SqliteConnection>) {
    this.#open = open;
  }

  async get(): Promise<SqliteConnection> {
    if (this.current) return this.current;
    this.#opening ??= this.#open();
    try {
      this.current = await this.#opening;
      return this.current;
    } finally {
      this.#opening = null;
    }
  }

  /** Closes `connection` unless it was closed before. */
  async drop(connection: SqliteConnection): Promise<void> {
    if (this.current === connection) await this.close();
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const connection = this.current;
    this.current = null;
    await connection?.close();
  }
}
