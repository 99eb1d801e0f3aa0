import type { Knex } from 'knex';

/** Phone numbers of users, at most one per user. Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const isSqlite = (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
  const key = isSqlite ? 'TEXT' : 'text COLLATE "C"';
  // claimed_phone: the number, if this row's owner has the claim to it, otherwise null. So several users may have the same number
  // unverified.
  await knex.raw(`CREATE TABLE phones (
    user_id ${key} NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    phone ${key} NOT NULL,
    claimed_phone ${key},
    is_verified ${isSqlite ? 'INTEGER' : 'boolean'} NOT NULL,
    set_at bigint NOT NULL
  ) ${isSqlite ? 'WITHOUT ROWID' : ''}`);
  await knex.raw('CREATE INDEX phones_phone ON phones (phone)');
  await knex.raw('CREATE UNIQUE INDEX phones_claimed_phone ON phones (claimed_phone)');
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE phones');
}
