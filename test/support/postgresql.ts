import type { QueryResult } from 'pg';

/** The PostgreSQL of the tests; each test has its own schema there. Environment: ALLAUTH_TEST_POSTGRESQL, a URL. */
export const POSTGRESQL_URL = process.env['ALLAUTH_TEST_POSTGRESQL'] ?? 'postgresql://root@127.0.0.1:5432/test';

/** Runs SQL on PostgreSQL beside the store; several statements are one transaction. Returns the rows of a single one. */
export async function onPostgresql(sql: string): Promise<Record<string, unknown>[]> {
  const { default: pg } = await import('pg'); // most test files need none
  const client = new pg.Client({ connectionString: POSTGRESQL_URL, connectionTimeoutMillis: 60_000 });
  await client.connect();
  try {
    const result: QueryResult<Record<string, unknown>> = await client.query(sql);
    return result.rows;
  } finally {
    await client.end();
  }
}
