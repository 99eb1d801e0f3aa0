import type { Knex } from 'knex';

/** Indices for lists by the IP address, of sessions in the order in which they were seen and of events, and for searches that walk a list. */
export async function up(knex: Knex): Promise<void> {
  const sqlite = isSqlite(knex);
  // By bytes on both databases, as sessions_ip is.
  await knex.raw(`CREATE INDEX sessions_ip_seen ON sessions (${sqlite ? 'ip' : 'ip COLLATE "C"'}, last_seen_at, id)`);
  await knex.raw('CREATE INDEX events_ip ON events (ip, created_at, id)');
  if (!sqlite) return;
  // SQLite reads neither a session's row nor the one of its user's texts where the index has what is asked for; PostgreSQL would read them all the same.
  await replaceActive(knex, ', user_id');
  await knex.raw('CREATE INDEX user_search_texts ON user_search (user_id, text)');
}

/** Drops all that `up` made. */
export async function down(knex: Knex): Promise<void> {
  if (isSqlite(knex)) {
    await knex.raw('DROP INDEX user_search_texts');
    await replaceActive(knex, '');
  }
  await knex.raw('DROP INDEX events_ip');
  await knex.raw('DROP INDEX sessions_ip_seen');
}

async function replaceActive(knex: Knex, more: string): Promise<void> {
  for (const [name, column] of [
    ['sessions_active_created', 'created_at'],
    ['sessions_active_seen', 'last_seen_at'],
  ]) {
    await knex.raw(`DROP INDEX ${name}`);
    await knex.raw(`CREATE INDEX ${name} ON sessions (${column}, id${more}) WHERE ended_at IS NULL AND NOT lapsed AND user_id IS NOT NULL`);
  }
}

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
