import type { Knex } from 'knex';

/** Phone numbers of users, one at most for each. Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const isSqlite = (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
  const key = isSqlite ? 'TEXT' : 'text COLLATE "C"';
  // claimed_phone: the number where this row's owner holds the claim to it, else null; so that several may wait for one number.
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

/** Drops all that `up` made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE phones');
}
