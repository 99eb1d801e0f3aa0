import type { Knex } from 'knex';

/** Storage for account flows: codes that users type in, keys of links, and mails to be sent. Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const isSqlite = (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
  const key = isSqlite ? 'TEXT' : 'text COLLATE "C"';
  const keyed = isSqlite ? 'WITHOUT ROWID' : '';
  for (const sql of [...tables(key, keyed), ...INDICES]) await knex.raw(sql);
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  for (const table of ['outbox', 'one_time_keys', 'one_time_codes']) await knex.raw(`DROP TABLE ${table}`);
}

function tables(key: string, keyed: string): string[] {
  return [
    // user_id: null if no user has that address, which the caller must not learn. hash: keyed, since codes are short.
    `CREATE TABLE one_time_codes (
      id ${key} NOT NULL PRIMARY KEY,
      purpose ${key} NOT NULL,
      user_id ${key} REFERENCES users (id) ON DELETE CASCADE,
      target text NOT NULL,
      hash ${key} NOT NULL,
      state text NOT NULL,
      attempts_left bigint NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL
    ) ${keyed}`,
    // state: a digest of what must not have changed since the key was created.
    `CREATE TABLE one_time_keys (
      hash ${key} NOT NULL PRIMARY KEY,
      purpose ${key} NOT NULL,
      user_id ${key} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      target text NOT NULL,
      state text NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL
    ) ${keyed}`,
    // payload: the mail, encrypted. next_attempt_at: moved forward by the instance that sends it, so that no other instance takes it.
    `CREATE TABLE outbox (
      id ${key} NOT NULL PRIMARY KEY,
      payload text NOT NULL,
      attempts bigint NOT NULL,
      created_at bigint NOT NULL,
      next_attempt_at bigint NOT NULL,
      failed_at bigint,
      last_error text
    ) ${keyed}`,
  ];
}

const INDICES = [
  `CREATE INDEX one_time_codes_user ON one_time_codes (user_id)`,
  `CREATE INDEX one_time_codes_expiry ON one_time_codes (expires_at)`,
  `CREATE INDEX one_time_keys_user ON one_time_keys (user_id, purpose)`,
  `CREATE INDEX one_time_keys_expiry ON one_time_keys (expires_at)`,
  `CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE failed_at IS NULL`,
  `CREATE INDEX outbox_failed ON outbox (failed_at) WHERE failed_at IS NOT NULL`,
];
