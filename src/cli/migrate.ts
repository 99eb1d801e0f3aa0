import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { LoadedSettings } from '../settings/index.ts';
import { parseDatabaseConfig } from '../store/engine/config.ts';
import type { DatabaseConfig } from '../store/engine/database.ts';
import { migrate, pendingMigrations } from '../store/engine/migrate.ts';
import { openDatabase } from '../store/engine/open.ts';
import { configOption, jsonOption, load, type ConfigOption } from './open.ts';
import { print, printJson } from './output.ts';

interface MigrateOptions extends ConfigOption {
  status?: true;
  json?: true;
}

/** `allauth migrate`: brings the schema of the database up to date. */
export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('Brings the schema of the database up to date. Safe when several run at once.')
    .option('--status', 'only say what is missing, and change nothing')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth migrate --status')
    .action((options: MigrateOptions) => (options.status ? showStatus(options) : runMigrations(options)));
}

async function runMigrations(options: MigrateOptions): Promise<void> {
  const { settings, folder } = await load(options);
  const db = await openDatabase(settings.DATABASE, { folder });
  try {
    const applied = await migrate(db);
    if (options.json) printJson({ applied, pending: [] });
    else if (applied.length === 0) print('The schema is current; nothing to do.');
    else print('The schema is current. Applied:', ...applied.map((name) => `  ${name}`));
  } finally {
    await db.close();
  }
}

async function showStatus(options: MigrateOptions): Promise<void> {
  const loaded = await load(options);
  const db = await openDatabase(databaseToAsk(loaded), { folder: loaded.folder });
  try {
    const pending = await pendingMigrations(db);
    if (options.json) printJson({ applied: [], pending });
    else if (pending.length === 0) print('The schema is current.');
    else print('Missing:', ...pending.map((name) => `  ${name}`), 'Run `allauth migrate`.');
  } finally {
    await db.close();
  }
}

/** Opening a SQLite file would create it. A missing file needs the same migrations as an empty database. */
export function databaseToAsk({ settings, folder }: LoadedSettings): DatabaseConfig {
  const parsed = parseDatabaseConfig(settings.DATABASE, folder);
  return parsed.dialect === 'sqlite' && !existsSync(parsed.filename) ? 'sqlite://:memory:' : settings.DATABASE;
}
