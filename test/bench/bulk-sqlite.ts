import sqlite3 from 'sqlite3';
import type { Value } from '../../src/store/engine/statements.ts';
import { BULK_TABLES, TABLE_NAMES, type BulkLoader, type BulkTable } from './bulk.ts';

/** Values of one statement; SQLite takes 32,766. */
const MOST_VALUES = 8000;

/**
 * Without a write-ahead log, new pages are written once; without syncing, a loss of power in the middle costs the file. Switching the log off fails
 * where another process has the file open: it is slower then.
 */
const SPEED = `PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA cache_size = -800000; PRAGMA temp_store = MEMORY;
  PRAGMA foreign_keys = OFF; PRAGMA threads = 2`;

interface SchemaRow {
  type: string;
  name: string;
  sql: string;
}

/** See `BulkLoader`. */
export class SqliteLoader implements BulkLoader {
  readonly #raw: sqlite3.Database;
  readonly #statements = new Map<string, sqlite3.Statement>();
  /** The statements that create the indices and triggers again. */
  #dropped: SchemaRow[] = [];
  lastSessionId = 0;

  private constructor(raw: sqlite3.Database) {
    this.#raw = raw;
  }

  static async open(filename: string): Promise<SqliteLoader> {
    const raw = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened = new sqlite3.Database(filename, sqlite3.OPEN_READWRITE, (error) => (error ? reject(error) : resolve(opened)));
    });
    const loader = new SqliteLoader(raw);
    await loader.#exec(SPEED).catch(() => undefined);
    await loader.#exec('BEGIN IMMEDIATE');
    await loader.#dropSchema();
    const [last] = await loader.#all<{ id: number | null }>('SELECT max(id) AS id FROM sessions');
    loader.lastSessionId = last?.id ?? 0;
    return loader;
  }

  async insert(table: BulkTable, values: readonly Value[]): Promise<void> {
    const columns = BULK_TABLES[table].split(' ');
    const most = Math.floor(MOST_VALUES / columns.length) * columns.length;
    for (let start = 0; start < values.length; start += most) {
      const part = values.length <= most ? values : values.slice(start, start + most);
      await this.#run(table, columns, part);
    }
  }

  async finish(): Promise<void> {
    await this.#exec(`INSERT INTO user_search_fts (user_search_fts) VALUES ('rebuild')`);
    for (const { sql } of this.#dropped) await this.#exec(sql);
    await this.#exec('ANALYZE');
    await this.#exec('COMMIT');
    await this.#close('PRAGMA journal_mode = WAL');
  }

  async abort(): Promise<void> {
    await this.#close('ROLLBACK; PRAGMA journal_mode = WAL');
  }

  async #dropSchema(): Promise<void> {
    this.#dropped = await this.#all<SchemaRow>(
      `SELECT type, name, sql FROM sqlite_schema WHERE tbl_name IN (${TABLE_NAMES}) AND type IN ('index', 'trigger') AND sql IS NOT NULL
       ORDER BY type, name`,
    );
    for (const { type, name } of this.#dropped) await this.#exec(`DROP ${type} ${name}`);
  }

  #run(table: BulkTable, columns: readonly string[], values: readonly Value[]): Promise<void> {
    const count = values.length / columns.length;
    const key = `${table} ${count}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      const row = `(${columns.map(() => '?').join(', ')})`;
      statement = this.#raw.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${new Array<string>(count).fill(row).join(', ')}`);
      this.#statements.set(key, statement);
    }
    const made = statement;
    return new Promise((resolve, reject) => {
      made.run(values, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  }

  async #close(last: string): Promise<void> {
    for (const statement of this.#statements.values()) statement.finalize();
    await this.#exec(last);
    await new Promise<void>((resolve, reject) => this.#raw.close((error) => (error ? reject(error) : resolve())));
  }

  #exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#raw.exec(sql, (error) => (error ? reject(error) : resolve()));
    });
  }

  #all<Each>(sql: string): Promise<Each[]> {
    return new Promise((resolve, reject) => {
      this.#raw.all<Each>(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  }
}
