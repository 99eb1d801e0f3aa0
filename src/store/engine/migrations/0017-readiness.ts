import type { Knex } from 'knex';

/** readiness: rows that /readyz writes and deletes in one transaction, to find out whether the database accepts writes. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE TABLE readiness (id TEXT PRIMARY KEY, padding TEXT NOT NULL)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE readiness');
}
