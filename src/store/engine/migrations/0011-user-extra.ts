import type { Knex } from 'knex';

/** What an account adapter keeps of a signup beyond the server's own fields: JSON, an object. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE users ADD COLUMN extra text NOT NULL DEFAULT '{}'`);
}

/** Drops all that `up` made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE users DROP COLUMN extra');
}
