import type { Knex } from 'knex';

/** The signing keys, if HEADLESS_JWT_PRIVATE_KEY is "database". Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const key = isSqlite(knex) ? 'TEXT' : 'text COLLATE "C"';
  // Generations are numbered consecutively, and each number is unique: this decides races at the first start and at each rotation.
  // private_key is encrypted; longest_life is the longest lifetime of a token signed with the key by any server, in seconds.
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

/** Drops the keys; tokens signed with them can no longer be verified. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE signing_keys');
}

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
