import type { Knex } from 'knex';

/** Users and their addresses, sessions, refresh and reference tokens, and the audit log. Times are Unix seconds. */
export async function up(knex: Knex): Promise<void> {
  const words = isSqlite(knex) ? SQLITE : POSTGRESQL;
  for (const sql of [...tables(words), ...INDICES, ...words.appendOnly]) await knex.raw(sql);
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  for (const table of ['events', 'reference_tokens', 'refresh_tokens', 'sessions', 'emails', 'users'])
    await knex.raw(`DROP TABLE ${table}`);
  if (!isSqlite(knex)) await knex.raw('DROP FUNCTION refuse_event_update()');
}

interface Words {
  /** Text that is compared and sorted by its bytes, independent of any locale. */
  key: string;
  /** A number that increases with each row and is never reused. */
  serial: string;
  bool: string;
  /** Ends a table whose primary key is text. */
  keyed: string;
  /** Makes the rows of `events` immutable. They can be deleted, since old ones are removed after their retention. */
  appendOnly: string[];
}

const SQLITE: Words = {
  key: 'TEXT',
  serial: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  bool: 'INTEGER',
  keyed: 'WITHOUT ROWID',
  appendOnly: [`CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END`],
};

const POSTGRESQL: Words = {
  key: 'text COLLATE "C"',
  serial: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  bool: 'boolean',
  keyed: '',
  appendOnly: [
    `CREATE FUNCTION refuse_event_update() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION 'events are never changed'; END $$`,
    `CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_event_update()`,
  ],
};

function tables({ key, serial, bool, keyed }: Words): string[] {
  return [
    `CREATE TABLE users (
      id ${key} NOT NULL PRIMARY KEY,
      username text NOT NULL,
      username_key ${key} NOT NULL,
      password_hash text,
      is_active ${bool} NOT NULL,
      is_staff ${bool} NOT NULL,
      created_at bigint NOT NULL,
      last_login_at bigint
    ) ${keyed}`,
    // claimed_email: the address, if this row's owner has the claim to it, otherwise null. So several users may have the same address
    // unverified.
    `CREATE TABLE emails (
      id ${serial},
      user_id ${key} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      email ${key} NOT NULL,
      claimed_email ${key},
      is_verified ${bool} NOT NULL,
      is_primary ${bool} NOT NULL
    )`,
    // No foreign key to users: the session of a deleted user is kept as history, and is never live.
    `CREATE TABLE sessions (
      id ${serial},
      sid ${key} NOT NULL,
      token_hash ${key} NOT NULL,
      user_id ${key},
      client text NOT NULL,
      ip text NOT NULL,
      user_agent text NOT NULL,
      created_at bigint NOT NULL,
      last_seen_at bigint NOT NULL,
      authenticated_at bigint,
      expires_at bigint NOT NULL,
      ended_at bigint,
      ended_reason text,
      ended_by ${key},
      version bigint NOT NULL,
      data text NOT NULL
    )`,
    // parent_jti may refer to a row that was already deleted: a token expires earlier than the chain that it belongs to.
    `CREATE TABLE refresh_tokens (
      jti ${key} NOT NULL PRIMARY KEY,
      session_id bigint NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      parent_jti ${key},
      access_jti ${key} NOT NULL,
      issued_at bigint NOT NULL,
      expires_at bigint NOT NULL
    ) ${keyed}`,
    `CREATE TABLE reference_tokens (
      token_hash ${key} NOT NULL PRIMARY KEY,
      session_id bigint NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
      issued_at bigint NOT NULL,
      expires_at bigint NOT NULL
    ) ${keyed}`,
    // No foreign keys: the log outlives what it refers to.
    `CREATE TABLE events (
      id ${serial},
      type ${key} NOT NULL,
      created_at bigint NOT NULL,
      user_id ${key},
      actor_id ${key},
      sid ${key},
      ip text NOT NULL,
      details text NOT NULL
    )`,
  ];
}

/** The names of the unique indexes are used in store/engine/errors.ts. Lists are paged by keyset: (sorted column, id). */
const INDICES = [
  `CREATE UNIQUE INDEX users_username_key ON users (username_key)`,
  `CREATE UNIQUE INDEX emails_claimed_email ON emails (claimed_email)`,
  `CREATE UNIQUE INDEX emails_user_id_email ON emails (user_id, email)`,
  `CREATE UNIQUE INDEX emails_primary ON emails (user_id) WHERE is_primary`,
  `CREATE INDEX emails_email ON emails (email)`,
  `CREATE UNIQUE INDEX sessions_sid ON sessions (sid)`,
  `CREATE INDEX sessions_user ON sessions (user_id, created_at, id)`,
  `CREATE INDEX sessions_created ON sessions (created_at, id)`,
  `CREATE INDEX sessions_seen ON sessions (last_seen_at, id)`,
  `CREATE INDEX sessions_running ON sessions (expires_at) WHERE ended_at IS NULL`,
  `CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL`,
  `CREATE INDEX sessions_anonymous ON sessions (expires_at) WHERE user_id IS NULL`,
  `CREATE UNIQUE INDEX refresh_tokens_parent ON refresh_tokens (parent_jti)`,
  `CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id)`,
  `CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at)`,
  `CREATE INDEX reference_tokens_session ON reference_tokens (session_id)`,
  `CREATE INDEX reference_tokens_expiry ON reference_tokens (expires_at)`,
  `CREATE INDEX events_user ON events (user_id, id)`,
  `CREATE INDEX events_type ON events (type, id)`,
  `CREATE INDEX events_sid ON events (sid, id) WHERE sid IS NOT NULL`,
  `CREATE INDEX events_created ON events (created_at)`,
];

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
