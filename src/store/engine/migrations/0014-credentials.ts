import type { Knex } from 'knex';

/**
 * users.credentials_version: counts changes of the user's credentials. Codes, links and pending logins carry the value under which they
 * were made; those made before this migration carry 0, as all users do. sessions.pending_user_id: the user of a login that waits at a
 * stage, so that ending a user's sessions finds it.
 */
export async function up(knex: Knex): Promise<void> {
  for (const table of ['users', 'one_time_codes', 'one_time_keys']) {
    await knex.raw(`ALTER TABLE ${table} ADD COLUMN credentials_version INTEGER NOT NULL DEFAULT 0`);
  }
  await knex.raw('ALTER TABLE sessions ADD COLUMN pending_user_id TEXT');
  await knex.raw('CREATE INDEX sessions_pending_user ON sessions (pending_user_id) WHERE pending_user_id IS NOT NULL');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX sessions_pending_user');
  await knex.raw('ALTER TABLE sessions DROP COLUMN pending_user_id');
  for (const table of ['users', 'one_time_codes', 'one_time_keys']) await knex.raw(`ALTER TABLE ${table} DROP COLUMN credentials_version`);
}
