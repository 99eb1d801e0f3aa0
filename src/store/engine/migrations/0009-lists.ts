import type { Knex } from 'knex';

/** Indexes for lists filtered by IP address (sessions by last activity, and events), and for searches that walk a list. */
export async function up(knex: Knex): Promise<void> {
  const sqlite = isSqlite(knex);
  // Sorted by bytes on both databases, like sessions_ip.
  await knex.raw(`CREATE INDEX sessions_ip_seen ON sessions (${sqlite ? 'ip' : 'ip COLLATE "C"'}, last_seen_at, id)`);
  await knex.raw('CREATE INDEX events_ip ON events (ip, created_at, id)');
  if (!sqlite) return;
  // If the index contains all columns that are needed, SQLite reads neither the session's row nor the user's search text; PostgreSQL would
  // read them anyway.
  await replaceActive(knex, ', user_id');
  await knex.raw('CREATE INDEX user_search_texts ON user_search (user_id, text)');
}

/** Drops everything that `up` created. */
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
