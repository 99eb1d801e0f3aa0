import type { Database } from './database.ts';
import { booleanOf, numberOf, numberOrNull, statement } from './statements.ts';

/** What the database reports about itself. */
export interface DatabaseFacts {
  /** The database's clock, Unix seconds. */
  time: number;
  /** Time of the newest event; `null` if there is none. */
  latestEvent: number | null;
  /** Whether the role is a superuser (PostgreSQL); otherwise false. */
  isSuperuser: boolean;
  /** Whether the database is read-only (PostgreSQL); otherwise false. */
  isReadOnly: boolean;
}

const LATEST = '(SELECT max(created_at) FROM events) AS latest_event';

const FACTS = statement('database_facts', {
  sqlite: `SELECT CAST(strftime('%s', 'now') AS INTEGER) AS time, ${LATEST}, 0 AS is_superuser, 0 AS is_read_only`,
  postgresql: `SELECT CAST(extract(epoch FROM clock_timestamp()) AS bigint) AS time, ${LATEST},
    current_setting('is_superuser') = 'on' AS is_superuser, current_setting('transaction_read_only') = 'on' AS is_read_only`,
});

/** Reads these facts. */
export async function databaseFacts(db: Database): Promise<DatabaseFacts> {
  const [row = {}] = await db.all(FACTS, []);
  return {
    time: numberOf(row, 'time'),
    latestEvent: numberOrNull(row, 'latest_event'),
    isSuperuser: booleanOf(row, 'is_superuser'),
    isReadOnly: booleanOf(row, 'is_read_only'),
  };
}
