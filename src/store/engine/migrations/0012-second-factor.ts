import type { Knex } from 'knex';

/**
 * Turns second_factor into a column that the login writes; before, it was computed from the text of the session's data. Existing sessions
 * keep the computed value.
 */
export async function up(knex: Knex): Promise<void> {
  if (!isSqlite(knex)) {
    await knex.raw('ALTER TABLE sessions ALTER COLUMN second_factor DROP EXPRESSION');
    await knex.raw('ALTER TABLE sessions ALTER COLUMN second_factor SET DEFAULT false');
    await knex.raw('ALTER TABLE sessions ALTER COLUMN second_factor SET NOT NULL');
    return;
  }
  await replaceColumn(knex, 'INTEGER NOT NULL DEFAULT 0');
  await knex.raw(`UPDATE sessions SET second_factor = 1 WHERE instr(data, '"method":"mfa"') > 0`);
}

/** Restores what `up` changed. */
export async function down(knex: Knex): Promise<void> {
  const computed = isSqlite(knex)
    ? `INTEGER GENERATED ALWAYS AS (instr(data, '"method":"mfa"') > 0) VIRTUAL`
    : `boolean GENERATED ALWAYS AS (strpos(data, '"method":"mfa"') > 0) STORED`;
  await replaceColumn(knex, computed);
}

/** An indexed column cannot be dropped in SQLite. */
async function replaceColumn(knex: Knex, type: string): Promise<void> {
  for (const [name] of INDICES) await knex.raw(`DROP INDEX ${name}`);
  await knex.raw('ALTER TABLE sessions DROP COLUMN second_factor');
  await knex.raw(`ALTER TABLE sessions ADD COLUMN second_factor ${type}`);
  for (const [name, column] of INDICES) {
    await knex.raw(
      `CREATE INDEX ${name} ON sessions (second_factor, ${column}, id) WHERE ended_at IS NULL AND NOT lapsed AND user_id IS NOT NULL`,
    );
  }
}

const INDICES = [
  ['sessions_active_factor_created', 'created_at'],
  ['sessions_active_factor_seen', 'last_seen_at'],
] as const;

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
