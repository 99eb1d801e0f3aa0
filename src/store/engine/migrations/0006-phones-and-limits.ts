import type { Knex } from 'knex';

/** Counts of rate limits. Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const isSqlite = (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
  const key = isSqlite ? 'TEXT' : 'text COLLATE "C"';
  // key: a keyed hash, so that the table contains neither addresses nor IPs. granted: the result of the last use, since RETURNING sees no
  // old values.
  await knex.raw(`CREATE TABLE rate_limits (
    key ${key} NOT NULL PRIMARY KEY,
    hits bigint NOT NULL,
    granted bigint NOT NULL,
    expires_at bigint NOT NULL
  ) ${isSqlite ? 'WITHOUT ROWID' : ''}`);
  await knex.raw('CREATE INDEX rate_limits_expiry ON rate_limits (expires_at)');
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE rate_limits');
}
