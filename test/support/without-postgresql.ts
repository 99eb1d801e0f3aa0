import { onPostgresql, POSTGRESQL_URL } from './postgresql.ts';
import { REQUIRED } from './required.ts';

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
