import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Config } from 'allauth-kit';
import { migrate } from '../../src/store/engine/migrate.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import { defer } from './cleanup.ts';

/** The PostgreSQL that whole servers run on; null: SQLite. Environment: ALLAUTH_TEST_DATABASE, an URL. */
export const POSTGRESQL = process.env['ALLAUTH_TEST_DATABASE'] ?? null;

/**
 * An empty database that goes when the test ends: a schema of its own on PostgreSQL, migrated, or a SQLite file.
 * Servers that share it are opened after it, and so close before it goes.
 */
export async function testDatabase(t: TestContext): Promise<NonNullable<Config['DATABASE']>> {
  if (POSTGRESQL === null) {
    const folder = mkdtempSync(join(tmpdir(), 'allauth-test-'));
    defer(t, () => rmSync(folder, { recursive: true, force: true }));
    return `sqlite://${folder}/test.sqlite3`;
  }
  const schema = `e2e_${randomBytes(6).toString('hex')}`;
  await onPostgresql(POSTGRESQL, `CREATE SCHEMA ${schema}`);
  defer(t, () => onPostgresql(POSTGRESQL, `DROP SCHEMA ${schema} CASCADE`));
  const config = { client: 'pg' as const, connection: { connectionString: POSTGRESQL }, searchPath: schema };
  const db = await openDatabase(config, { folder: tmpdir() });
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
  return config;
}

/** One statement on PostgreSQL, beside the store. */
export async function onPostgresql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
