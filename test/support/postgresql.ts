import pg from 'pg';
import { REQUIRED } from './required.ts';

/** The PostgreSQL of the tests; each test has its own schema there. Environment: ALLAUTH_TEST_POSTGRESQL, a URL. */
export const POSTGRESQL_URL = process.env['ALLAUTH_TEST_POSTGRESQL'] ?? 'postgresql://root@127.0.0.1:5432/test';

/** Why tests on PostgreSQL are skipped; false if they run. */
export const withoutPostgresql: string | false = await (async () => {
  try {
    await onPostgresql('SELECT 1');
    return false;
  } catch (error) {
    if (REQUIRED) throw error;
    return `no PostgreSQL at ${new URL(POSTGRESQL_URL).host}: ${error instanceof Error ? error.message : String(error)}`;
  }
})();

/** Runs SQL on PostgreSQL beside the store; several statements are one transaction. Returns the rows of a single one. */
export async function onPostgresql(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: POSTGRESQL_URL, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    const result: pg.QueryResult<Record<string, unknown>> = await client.query(sql);
    return result.rows;
  } finally {
    await client.end();
  }
}
