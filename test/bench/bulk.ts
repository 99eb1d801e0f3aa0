import { parseDatabaseConfig, type DatabaseConfig } from '../../src/store/engine/config.ts';
import type { Value } from '../../src/store/engine/statements.ts';

/** The tables that are filled, with their columns in the order of the values of a row. */
export const BULK_TABLES = {
  users: 'id username username_key password_hash is_active is_staff created_at last_login_at',
  emails: 'user_id email claimed_email is_verified is_primary',
  user_search: 'user_id text',
  sessions:
    'id sid token_hash user_id client ip user_agent created_at last_seen_at authenticated_at expires_at ended_at ended_reason ended_by ended_note version data lapsed second_factor',
  refresh_tokens: 'jti session_id parent_jti access_jti issued_at expires_at',
  events: 'type created_at user_id actor_id sid ip details',
  tallies: 'name slot amount',
} as const;

export type BulkTable = keyof typeof BULK_TABLES;

/** Fills tables in one transaction, without their triggers, indices and foreign keys, which stand again at its end. Nothing is checked. */
export interface BulkLoader {
  /** The highest id of the sessions that are there; 0: there is none. */
  readonly lastSessionId: number;
  /** Adds rows; `values` holds one row after the other. */
  insert(table: BulkTable, values: readonly Value[]): Promise<void>;
  /** Creates the indices again, commits, and lets the database update its statistics. */
  finish(): Promise<void>;
  /** Undoes all. */
  abort(): Promise<void>;
}

/** Opens a loader for a database with a current schema; nothing else may write to it at the same time. */
export async function openBulkLoader(config: DatabaseConfig, folder: string): Promise<BulkLoader> {
  const parsed = parseDatabaseConfig(config, folder);
  if (parsed.dialect === 'sqlite') return (await import('./bulk-sqlite.ts')).SqliteLoader.open(parsed.filename);
  return (await import('./bulk-postgresql.ts')).PostgresqlLoader.open(parsed);
}

/** Names in quotes, for a list in SQL. */
export const TABLE_NAMES = Object.keys(BULK_TABLES)
  .map((name) => `'${name}'`)
  .join(', ');
