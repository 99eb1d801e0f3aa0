import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { PostgresqlConfig } from '../../src/store/engine/config.ts';
import type { Value } from '../../src/store/engine/statements.ts';
import { BULK_TABLES, TABLE_NAMES, type BulkLoader, type BulkTable } from './bulk.ts';

const SPEED = `SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'`;

interface Made {
  undo: string;
  redo: string;
}

/** See `BulkLoader`. Rows come by COPY. */
export class PostgresqlLoader implements BulkLoader {
  readonly #client: pg.Client;
  #dropped: Made[] = [];
  lastSessionId = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open({ connection, more }: PostgresqlConfig): Promise<PostgresqlLoader> {
    const client = new pg.Client(connection);
    await client.connect();
    const loader = new PostgresqlLoader(client);
    const path = more['searchPath'];
    if (typeof path === 'string') await client.query(`SET search_path TO ${path}`);
    await client.query(SPEED);
    await client.query('BEGIN');
    await loader.#dropSchema();
    const { rows } = await client.query<{ id: string | null }>('SELECT max(id) AS id FROM sessions');
    loader.lastSessionId = Number(rows[0]?.id ?? 0);
    return loader;
  }

  async insert(table: BulkTable, values: readonly Value[]): Promise<void> {
    const columns = BULK_TABLES[table].split(' ');
    const stream = this.#client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
    const last = columns.length - 1;
    let text = '';
    let column = 0;
    for (const value of values) {
      text += value === null ? '\\N' : typeof value === 'string' ? escaped(value) : String(value);
      text += column === last ? '\n' : '\t';
      column = column === last ? 0 : column + 1;
    }
    stream.end(text);
    await finished(stream);
  }

  async finish(): Promise<void> {
    for (const { redo } of this.#dropped.reverse()) await this.#client.query(redo);
    // COPY writes the ids that it is given without telling the sequence.
    await this.#client.query(`SELECT setval(pg_get_serial_sequence('sessions', 'id'), max(id)) FROM sessions`);
    await this.#client.query('COMMIT');
    await this.#client.query(`VACUUM ANALYZE ${Object.keys(BULK_TABLES).join(', ')}`);
    await this.#client.end();
  }

  async abort(): Promise<void> {
    await this.#client.query('ROLLBACK');
    await this.#client.end();
  }

  async #dropSchema(): Promise<void> {
    const { rows } = await this.#client.query<Made>(
      `SELECT format('DROP INDEX %I', indexname) AS undo, indexdef AS redo FROM pg_indexes AS i
       WHERE schemaname = current_schema() AND tablename IN (${TABLE_NAMES})
         AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = format('%I.%I', i.schemaname, i.indexname)::regclass)
       UNION ALL
       SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
       FROM pg_constraint
       WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
         AND (SELECT relname FROM pg_class WHERE oid = conrelid) IN (${TABLE_NAMES})
       UNION ALL
       SELECT format('ALTER TABLE %I DISABLE TRIGGER USER', relname), format('ALTER TABLE %I ENABLE TRIGGER USER', relname)
       FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname IN (${TABLE_NAMES})`,
    );
    this.#dropped = rows;
    for (const { undo } of rows) await this.#client.query(undo);
  }
}

function escaped(text: string): string {
  return /[\\\t\n\r]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : text;
}
