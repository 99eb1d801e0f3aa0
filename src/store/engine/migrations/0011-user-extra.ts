import type { Knex } from 'knex';

/** Fields of a signup that an account adapter stores in addition to the server's own: a JSON object. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`ALTER TABLE users ADD COLUMN extra text NOT NULL DEFAULT '{}'`);
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE users DROP COLUMN extra');
}
