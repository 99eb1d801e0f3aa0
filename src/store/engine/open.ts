import { parseDatabaseConfig, type DatabaseConfig } from './config.ts';
import type { Database } from './database.ts';

/**
 * Opens the database of setting DATABASE; relative paths start at `folder`. A SQLite file is made where there is none (mode 0600);
 * the schema is not: see `migrate`.
 * @throws {Error} for a setting that is no database of ours, or where the driver is not installed
 * @throws {DatabaseUnavailable} where a SQLite file cannot be opened; PostgreSQL is first asked by `ping`
 */
export async function openDatabase(config: DatabaseConfig, options: { folder: string }): Promise<Database> {
  const parsed = parseDatabaseConfig(config, options.folder);
  // Loaded here, so that a server pays for one driver only.
  if (parsed.dialect === 'sqlite') return (await import('./sqlite.ts')).openSqlite(parsed);
  return (await importPostgresql()).openPostgresql(parsed);
}

async function importPostgresql(): Promise<typeof import('./postgresql.ts')> {
  try {
    return await import('./postgresql.ts');
  } catch (error) {
    if (!(error instanceof Error) || !/Cannot find (?:package|module) 'pg'/.test(error.message)) throw error;
    throw new Error("DATABASE names a PostgreSQL database, but the package 'pg' is not installed: npm install pg", { cause: error });
  }
}
