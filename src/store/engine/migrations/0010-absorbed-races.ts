import type { Knex } from 'knex';

/** How many times a refresh token was sent again within its grace period and answered with the same successor, and when last (Unix seconds). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE refresh_tokens ADD COLUMN absorbed bigint NOT NULL DEFAULT 0');
  await knex.raw('ALTER TABLE refresh_tokens ADD COLUMN absorbed_at bigint');
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  for (const column of ['absorbed_at', 'absorbed']) await knex.raw(`ALTER TABLE refresh_tokens DROP COLUMN ${column}`);
}
