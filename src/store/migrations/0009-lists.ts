import type { Knex } from 'knex';

/** Indices for lists by the IP address: of sessions in the order in which they were seen, and of events. */
export async function up(knex: Knex): Promise<void> {
  // By bytes on both databases, as sessions_ip is.
  await knex.raw(`CREATE INDEX sessions_ip_seen ON sessions (${isSqlite(knex) ? 'ip' : 'ip COLLATE "C"'}, last_seen_at, id)`);
  await knex.raw('CREATE INDEX events_ip ON events (ip, created_at, id)');
}

/** Drops all that `up` made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX events_ip');
  await knex.raw('DROP INDEX sessions_ip_seen');
}

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
