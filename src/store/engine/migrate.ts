import type { Database } from './database.ts';
import type { Knex } from 'knex';
import * as first from './migrations/0001-first.ts';
import * as admin from './migrations/0002-admin.ts';
import * as pluginCursors from './migrations/0003-plugin-cursors.ts';
import * as revocations from './migrations/0004-revocations.ts';
import * as flows from './migrations/0005-flows.ts';
import * as limits from './migrations/0006-phones-and-limits.ts';
import * as phones from './migrations/0007-phones.ts';
import * as signingKeys from './migrations/0008-signing-keys.ts';
import * as lists from './migrations/0009-lists.ts';
import * as absorbedRaces from './migrations/0010-absorbed-races.ts';
import * as userExtra from './migrations/0011-user-extra.ts';
import * as secondFactor from './migrations/0012-second-factor.ts';
import * as userChanges from './migrations/0013-user-changes.ts';
import * as credentials from './migrations/0014-credentials.ts';
import * as claims from './migrations/0015-claims.ts';
import * as watchCredentials from './migrations/0016-watch-credentials.ts';
import * as readiness from './migrations/0017-readiness.ts';
import { statement, textOf } from './statements.ts';

interface Migration {
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

/** In the order in which they run. Imported here, so that they are found wherever the package is installed. */
const MIGRATIONS = new Map<string, Migration>([
  ['0001-first', first],
  ['0002-admin', admin],
  ['0003-plugin-cursors', pluginCursors],
  ['0004-revocations', revocations],
  ['0005-flows', flows],
  ['0006-phones-and-limits', limits],
  ['0007-phones', phones],
  ['0008-signing-keys', signingKeys],
  ['0009-lists', lists],
  ['0010-absorbed-races', absorbedRaces],
  ['0011-user-extra', userExtra],
  ['0012-second-factor', secondFactor],
  ['0013-user-changes', userChanges],
  ['0014-credentials', credentials],
  ['0015-claims', claims],
  ['0016-watch-credentials', watchCredentials],
  ['0017-readiness', readiness],
]);

const TABLE = 'knex_migrations';

const HAS_TABLE = statement('migrations_table', {
  sqlite: `SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?1`,
  postgresql: `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?1`,
});
const LIST = statement('migrations_list', `SELECT name FROM ${TABLE} ORDER BY id`);

/**
 * Brings the schema up to date, in one exclusive transaction; safe when several processes start at once. Returns the names of the
 * migrations that it ran.
 * @throws {Error} if the database has migrations that this version does not know
 */
export async function migrate(db: Database): Promise<string[]> {
  // Most starts find a current schema and need neither the lock nor knex.
  if ((await missingMigrations(db)).length === 0) return [];
  return db.exclusive(async (exclusive) => {
    const missing = await missingMigrations(exclusive);
    if (missing.length > 0) await exclusive.knex.migrate.latest(MIGRATOR);
    return missing;
  });
}

/** As `pendingMigrations`. @throws {Error} if the database has migrations that this version does not know */
async function missingMigrations(db: Database): Promise<string[]> {
  const unknown = (await appliedMigrations(db)).filter((name) => !MIGRATIONS.has(name));
  if (unknown.length > 0) {
    throw new Error(`the database was made by a newer version of allauth-kit: this one does not know its migrations ${unknown.join(', ')}`);
  }
  return pendingMigrations(db);
}

/** Reverts all migrations, which deletes all tables and their data. For tests and development. */
export async function unmigrate(db: Database): Promise<void> {
  await db.exclusive((exclusive) => exclusive.knex.migrate.rollback(MIGRATOR, true));
}

/** The names of the migrations that are still to be run, in order; [] if the schema is current. Writes nothing. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const applied = new Set(await appliedMigrations(db));
  return [...MIGRATIONS.keys()].filter((name) => !applied.has(name));
}

async function appliedMigrations(db: Database): Promise<string[]> {
  if ((await db.all(HAS_TABLE, [TABLE])).length === 0) return [];
  return (await db.all(LIST, [])).map((row) => textOf(row, 'name'));
}

const MIGRATOR: Knex.MigratorConfig = {
  tableName: TABLE,
  migrationSource: {
    getMigrations: () => Promise.resolve([...MIGRATIONS.keys()]),
    getMigrationName: (name: string) => name,
    getMigration: (name: string) => Promise.resolve(migrationOf(name)),
  },
};

function migrationOf(name: string): Migration {
  const migration = MIGRATIONS.get(name);
  if (!migration) throw new Error(`there is no migration ${name}`);
  return migration;
}
