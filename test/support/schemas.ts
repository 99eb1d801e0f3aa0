import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import type { DatabaseConfig } from '../../src/store/engine/config.ts';
import { migrate } from '../../src/store/engine/migrate.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import { defer } from './cleanup.ts';
import { onPostgresql, POSTGRESQL_URL } from './postgresql.ts';

/**
 * Whether schemas are kept and used again. Environment: ALLAUTH_TEST_KEEP_SCHEMAS, set by a run, which gives each of the files that run at the
 * same time its own database.
 */
const KEPT = process.env['ALLAUTH_TEST_KEEP_SCHEMAS'] !== undefined;

/** Tables that migrations fill. */
const FILLED = /^(knex_.*|revocation_feed)$/;

const free: string[] = [];
let made = 0;

/** A migrated schema without rows, for this test alone. */
export async function borrowSchema(t: TestContext): Promise<DatabaseConfig> {
  const schema = free.pop() ?? `${KEPT ? 'kept' : `e2e_${process.pid}`}_${++made}`;
  if (!KEPT || !(await empty(schema))) await make(schema);
  defer(t, async () => {
    if (KEPT) free.push(schema);
    else await onPostgresql(`DROP SCHEMA ${schema} CASCADE`);
  });
  return schemaConfig(schema);
}

/** The database in this schema, as setting DATABASE names it. */
export function schemaConfig(schema: string): DatabaseConfig & object {
  return { client: 'pg', connection: { connectionString: POSTGRESQL_URL }, searchPath: schema };
}

async function make(schema: string): Promise<void> {
  await onPostgresql(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`);
  const db = await openDatabase(schemaConfig(schema), { folder: tmpdir() });
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
  const [row] = await onPostgresql(fingerprintOf(schema));
  await onPostgresql(`COMMENT ON SCHEMA ${schema} IS '${String(row?.['fingerprint'])}'`);
}

/** Deletes all rows, about ten times as fast as migrating; false if there is no such schema, or if a test has changed its tables. */
async function empty(schema: string): Promise<boolean> {
  const [namespace] = await onPostgresql(`SELECT obj_description(oid) AS made FROM pg_namespace WHERE nspname = '${schema}'`);
  if (!namespace) return false;
  const [row] = await onPostgresql(fingerprintOf(schema)).catch(() => []);
  if (!row || row['fingerprint'] !== namespace['made']) return false;
  const tables = String(row['tables']).split(' ');
  const deletions = tables.filter((table) => !FILLED.test(table)).map((table) => `DELETE FROM ${schema}.${table}`);
  const feed = `UPDATE ${schema}.revocation_feed SET id = left(md5(random()::text), 16), purged_to = 0`;
  const restart = `SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = '${schema}'::regnamespace AND relname NOT LIKE 'knex%'`;
  // Neither triggers nor foreign keys: whatever the order.
  await onPostgresql(['SET session_replication_role = replica', ...deletions, feed, restart].join(';'));
  return true;
}

/** A query for what the schema consists of, and for its tables. */
function fingerprintOf(schema: string): string {
  return `
    SELECT md5(string_agg(concat_ws(' ', relkind, relname, relnatts, relhastriggers, relchecks), ',' ORDER BY relname))
           || (SELECT count(*) FROM pg_proc WHERE pronamespace = '${schema}'::regnamespace)
           || (SELECT md5(string_agg(name, ',' ORDER BY name)) FROM ${schema}.knex_migrations) AS fingerprint,
           string_agg(relname, ' ') FILTER (WHERE relkind = 'r') AS tables
    FROM pg_class WHERE relnamespace = '${schema}'::regnamespace`;
}
