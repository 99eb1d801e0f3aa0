import { constants, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DatabaseConfig } from '../../src/store/engine/config.ts';
import sqlite3 from 'sqlite3';
import { migrate } from '../../src/store/engine/migrate.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import { defer } from './cleanup.ts';
import { layDevelopmentKey } from './development-key.ts';
import { SHARED_FOLDER } from './secrets.ts';

/** The PostgreSQL that whole servers run on; null: SQLite. Environment: ALLAUTH_TEST_DATABASE, a URL. */
export const POSTGRESQL = process.env['ALLAUTH_TEST_DATABASE'] ?? null;

/**
 * A migrated database without rows, deleted when the test ends: a schema on PostgreSQL, else a SQLite file.
 * Open the servers that share it after it, so that they close before it is deleted.
 */
export async function testDatabase(t: TestContext): Promise<DatabaseConfig> {
  return POSTGRESQL === null ? sqliteFile(t) : (await import('./schemas.ts')).borrowSchema(t);
}

/** As `testDatabase`, always a SQLite file; the key of a development server lies beside it. */
export async function sqliteFile(t: TestContext): Promise<DatabaseConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-test-'));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'test.sqlite3');
  copyFileSync(await migratedFile(), file, constants.COPYFILE_FICLONE);
  await renameFeed(file);
  layDevelopmentKey(folder, 'test');
  return `sqlite://${file}`;
}

/** Gives the revocation feed of a copied file an id that no other database has. */
function renameFeed(file: string): Promise<void> {
  return execute(file, 'PRAGMA synchronous = OFF; UPDATE revocation_feed SET id = lower(hex(randomblob(8)))');
}

/** Moves what the write-ahead log still holds into the file, which is copied alone. */
function foldLog(file: string): Promise<void> {
  return execute(file, 'PRAGMA wal_checkpoint(TRUNCATE)');
}

function execute(file: string, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => (error ? reject(error) : resolve());
    const db = new sqlite3.Database(file);
    db.exec(sql, (error) => db.close((closing) => settle(error ?? closing)));
  });
}

let migrated: Promise<string> | undefined;

/** A SQLite file that was migrated, made once for the run, or for a process outside a run. */
function migratedFile(): Promise<string> {
  return (migrated ??= makeMigratedFile());
}

async function makeMigratedFile(): Promise<string> {
  const folder = SHARED_FOLDER ?? mkdtempSync(join(tmpdir(), 'allauth-test-'));
  if (SHARED_FOLDER === null) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'migrated.sqlite3');
  if (existsSync(file)) return file;
  const draft = join(folder, `migrated-${process.pid}.sqlite3`);
  const db = await openDatabase(`sqlite://${draft}`, { folder });
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
  await foldLog(draft);
  renameSync(draft, file);
  return file;
}
