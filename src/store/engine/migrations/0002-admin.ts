import type { Knex } from 'knex';

/**
 * What the admin API's lists need: columns for the state of a session, an index for each filter and order, and a search in users' names and
 * addresses.
 */
export async function up(knex: Knex): Promise<void> {
  const sqlite = isSqlite(knex);
  for (const sql of [...(sqlite ? SQLITE_COLUMNS : POSTGRESQL_COLUMNS), ...INDICES, ...(sqlite ? SQLITE_SEARCH : POSTGRESQL_SEARCH)]) {
    await knex.raw(sql);
  }
  await knex.raw('UPDATE sessions SET lapsed = ? WHERE ended_at IS NULL AND expires_at <= ?', [true, Math.floor(Date.now() / 1000)]);
  await knex.raw(`INSERT INTO user_search (user_id, text) SELECT u.id, ${sqlite ? SQLITE_TEXT : POSTGRESQL_TEXT} FROM users AS u`);
  if (!sqlite) await addTrigrams(knex);
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  const sqlite = isSqlite(knex);
  const triggers = [
    'user_search_users',
    'user_search_renamed',
    'user_search_gone',
    'user_search_email',
    'user_search_emails',
    'user_search_lost',
  ];
  for (const name of triggers) {
    await knex.raw(`DROP TRIGGER ${name}${sqlite ? '' : ` ON ${/users|renamed|gone/.test(name) ? 'users' : 'emails'}`}`);
  }
  if (sqlite) await knex.raw('DROP TABLE user_search_fts');
  else await knex.raw('DROP FUNCTION keep_user_search()');
  await knex.raw('DROP TABLE user_search');
  await knex.raw('DROP INDEX sessions_ip');
  for (const sql of INDICES) await knex.raw(`DROP INDEX ${/INDEX (\w+)/.exec(sql)?.[1] ?? ''}`);
  for (const column of ['second_factor', 'ended_note', 'lapsed']) await knex.raw(`ALTER TABLE sessions DROP COLUMN ${column}`);
}

/**
 * lapsed: set by the cleanup some time after the session expired, so that an index can exclude such sessions; a session that has not
 * expired is never lapsed. ended_note: the reason that an admin gave. second_factor: computed from the JSON text; user input cannot imitate
 * the pattern, since JSON escapes its quotes.
 */
const SQLITE_COLUMNS = [
  'ALTER TABLE sessions ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE sessions ADD COLUMN ended_note text',
  `ALTER TABLE sessions ADD COLUMN second_factor INTEGER GENERATED ALWAYS AS (instr(data, '"method":"mfa"') > 0) VIRTUAL`,
];

const POSTGRESQL_COLUMNS = [
  'ALTER TABLE sessions ADD COLUMN lapsed boolean NOT NULL DEFAULT false',
  'ALTER TABLE sessions ADD COLUMN ended_note text',
  `ALTER TABLE sessions ADD COLUMN second_factor boolean GENERATED ALWAYS AS (strpos(data, '"method":"mfa"') > 0) STORED`,
];

const ACTIVE = 'WHERE ended_at IS NULL AND NOT lapsed AND user_id IS NOT NULL';
const LAPSED = 'WHERE ended_at IS NULL AND lapsed';
const ENDED = 'WHERE ended_at IS NOT NULL';
const PENDING = 'WHERE ended_at IS NULL AND user_id IS NULL';

/** Lists are paged by keyset: (sorted column, id). */
const INDICES = [
  `CREATE INDEX sessions_lapsing ON sessions (expires_at) WHERE ended_at IS NULL AND NOT lapsed`,
  ...(
    [
      ['created', 'created_at'],
      ['seen', 'last_seen_at'],
    ] as const
  ).flatMap(([name, column]) => [
    `CREATE INDEX sessions_active_${name} ON sessions (${column}, id) ${ACTIVE}`,
    `CREATE INDEX sessions_active_factor_${name} ON sessions (second_factor, ${column}, id) ${ACTIVE}`,
    `CREATE INDEX sessions_lapsed_${name} ON sessions (${column}, id) ${LAPSED}`,
    `CREATE INDEX sessions_ended_${name} ON sessions (${column}, id) ${ENDED}`,
    `CREATE INDEX sessions_ended_kind_${name} ON sessions (ended_reason, ${column}, id) ${ENDED}`,
    `CREATE INDEX sessions_pending_${name} ON sessions (${column}, id) ${PENDING}`,
  ]),
  `CREATE INDEX users_staff ON users (id) WHERE is_staff`,
  `CREATE INDEX users_inactive ON users (id) WHERE NOT is_active`,
];

/** A user's name and addresses, one per line, in lower case. */
const SQLITE_TEXT = `coalesce(u.username_key || coalesce((SELECT char(10) || group_concat(e.email, char(10)) FROM emails AS e WHERE e.user_id = u.id), ''), '')`;
const POSTGRESQL_TEXT = `coalesce(u.username_key || coalesce((SELECT chr(10) || string_agg(e.email, chr(10)) FROM emails AS e WHERE e.user_id = u.id), ''), '')`;

function refreshInSqlite(id: string): string {
  return `UPDATE user_search SET text = coalesce((SELECT ${SQLITE_TEXT} FROM users AS u WHERE u.id = ${id}), '') WHERE user_id = ${id}`;
}

const SQLITE_SEARCH = [
  `CREATE INDEX sessions_ip ON sessions (ip, created_at, id)`,
  `CREATE TABLE user_search (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, text TEXT NOT NULL)`,
  `CREATE VIRTUAL TABLE user_search_fts USING fts5(text, content='user_search', content_rowid='id', tokenize='trigram')`,
  `CREATE TRIGGER user_search_added AFTER INSERT ON user_search BEGIN
     INSERT INTO user_search_fts (rowid, text) VALUES (new.id, new.text); END`,
  `CREATE TRIGGER user_search_removed AFTER DELETE ON user_search BEGIN
     INSERT INTO user_search_fts (user_search_fts, rowid, text) VALUES ('delete', old.id, old.text); END`,
  `CREATE TRIGGER user_search_changed AFTER UPDATE ON user_search BEGIN
     INSERT INTO user_search_fts (user_search_fts, rowid, text) VALUES ('delete', old.id, old.text);
     INSERT INTO user_search_fts (rowid, text) VALUES (new.id, new.text); END`,
  `CREATE TRIGGER user_search_users AFTER INSERT ON users BEGIN
     INSERT INTO user_search (user_id, text) VALUES (new.id, new.username_key); END`,
  `CREATE TRIGGER user_search_renamed AFTER UPDATE OF username_key ON users BEGIN ${refreshInSqlite('new.id')}; END`,
  `CREATE TRIGGER user_search_gone AFTER DELETE ON users BEGIN DELETE FROM user_search WHERE user_id = old.id; END`,
  `CREATE TRIGGER user_search_email AFTER INSERT ON emails BEGIN ${refreshInSqlite('new.user_id')}; END`,
  `CREATE TRIGGER user_search_emails AFTER UPDATE OF email, user_id ON emails BEGIN
     ${refreshInSqlite('old.user_id')}; ${refreshInSqlite('new.user_id')}; END`,
  `CREATE TRIGGER user_search_lost AFTER DELETE ON emails BEGIN ${refreshInSqlite('old.user_id')}; END`,
];

const POSTGRESQL_SEARCH = [
  `CREATE INDEX sessions_ip ON sessions (ip COLLATE "C", created_at, id)`,
  `CREATE TABLE user_search (user_id text COLLATE "C" NOT NULL PRIMARY KEY, text text COLLATE "C" NOT NULL)`,
  `CREATE FUNCTION keep_user_search() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE changed text := CASE WHEN TG_TABLE_NAME = 'users' THEN to_jsonb(coalesce(NEW, OLD))->>'id' ELSE to_jsonb(coalesce(NEW, OLD))->>'user_id' END;
   BEGIN
     IF TG_TABLE_NAME = 'users' AND TG_OP = 'DELETE' THEN
       DELETE FROM user_search WHERE user_id = changed;
     ELSE
       INSERT INTO user_search (user_id, text) SELECT u.id, ${POSTGRESQL_TEXT} FROM users AS u WHERE u.id = changed
       ON CONFLICT (user_id) DO UPDATE SET text = excluded.text;
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER user_search_users AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION keep_user_search()`,
  `CREATE TRIGGER user_search_renamed AFTER UPDATE OF username_key ON users FOR EACH ROW EXECUTE FUNCTION keep_user_search()`,
  `CREATE TRIGGER user_search_gone AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep_user_search()`,
  `CREATE TRIGGER user_search_email AFTER INSERT ON emails FOR EACH ROW EXECUTE FUNCTION keep_user_search()`,
  `CREATE TRIGGER user_search_emails AFTER UPDATE OF email, user_id ON emails FOR EACH ROW EXECUTE FUNCTION keep_user_search()`,
  `CREATE TRIGGER user_search_lost AFTER DELETE ON emails FOR EACH ROW EXECUTE FUNCTION keep_user_search()`,
];

/**
 * An index for any part of the text. It needs the extension pg_trgm, which the role may be allowed to create (trusted since PostgreSQL 13).
 * Without the extension, searches only match the beginnings of names and addresses.
 */
async function addTrigrams(knex: Knex): Promise<void> {
  await knex.raw('SAVEPOINT trigrams');
  try {
    await knex.raw('CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public');
    await knex.raw('RELEASE SAVEPOINT trigrams');
  } catch {
    await knex.raw('ROLLBACK TO SAVEPOINT trigrams');
  }
  const { rows } = await knex.raw<{ rows: { schema: string }[] }>(
    `SELECT quote_ident(n.nspname) AS schema FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace WHERE x.extname = 'pg_trgm'`,
  );
  const [extension] = rows;
  if (extension) await knex.raw(`CREATE INDEX user_search_trigrams ON user_search USING gin (text ${extension.schema}.gin_trgm_ops)`);
}

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
