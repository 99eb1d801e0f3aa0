import type { Knex } from 'knex';

/** How far each plugin has been notified of the audit log, counts that have no line in it, and the index for statistics. */
export async function up(knex: Knex): Promise<void> {
  const key = isSqlite(knex) ? 'TEXT' : 'text COLLATE "C"';
  const keyed = isSqlite(knex) ? 'WITHOUT ROWID' : '';
  // event_id: the last event that the plugin was notified of. The lease says which server currently notifies it. Times are Unix seconds; 0
  // means never.
  await knex.raw(`CREATE TABLE plugin_cursors (
    plugin ${key} NOT NULL PRIMARY KEY,
    event_id bigint NOT NULL,
    lease_owner ${key},
    lease_until bigint NOT NULL,
    failures bigint NOT NULL,
    retry_at bigint NOT NULL,
    last_error text,
    delivered_at bigint NOT NULL
  ) ${keyed}`);
  // slot: start of the counted minute (Unix seconds).
  await knex.raw(`CREATE TABLE tallies (
    name ${key} NOT NULL,
    slot bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (slot, name)
  ) ${keyed}`);
  await knex.raw('CREATE INDEX events_type_created ON events (type, created_at)');
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX events_type_created');
  await knex.raw('DROP TABLE tallies');
  await knex.raw('DROP TABLE plugin_cursors');
}

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
