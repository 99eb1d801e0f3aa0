import type { Knex } from 'knex';

/** The keys that sign tokens, where HEADLESS_JWT_PRIVATE_KEY is "database". Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const key = isSqlite(knex) ? 'TEXT' : 'text COLLATE "C"';
  // One generation follows on another, and two of the same cannot be: that settles who was first, at the first start and at each rotation.
  // private_key is encrypted; longest_life is that of the longest token which any server signs with the key, in seconds.
  await knex.raw(`CREATE TABLE signing_keys (
    id ${key} NOT NULL PRIMARY KEY,
    algorithm ${key} NOT NULL,
    generation bigint NOT NULL,
    kid ${key},
    private_key text NOT NULL,
    created_at bigint NOT NULL,
    signs_from bigint NOT NULL,
    longest_life bigint NOT NULL,
    UNIQUE (algorithm, generation)
  )`);
}

/** Drops the keys: what they have signed is good nowhere any more. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE signing_keys');
}

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
