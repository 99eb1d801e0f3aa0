import type { Knex } from 'knex';

/**
 * The feed of ended sessions. Triggers write it, so that a session ended by any means, even outside this program, enters the feed in the
 * same commit. They watch only `ended_at` and `is_active`, so refreshing a session costs nothing.
 */
export async function up(knex: Knex): Promise<void> {
  for (const sql of isSqlite(knex) ? SQLITE : POSTGRESQL) await knex.raw(sql);
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  const on = (table: string): string => (isSqlite(knex) ? '' : ` ON ${table}`);
  await knex.raw(`DROP TRIGGER sessions_ended${on('sessions')}`);
  await knex.raw(`DROP TRIGGER users_deactivated${on('users')}`);
  await knex.raw(`DROP TRIGGER users_deleted${on('users')}`);
  if (!isSqlite(knex)) {
    for (const name of ['record_ended_session', 'record_inactive_user', 'longest_access_token']) await knex.raw(`DROP FUNCTION ${name}()`);
  }
  for (const table of ['revocations', 'revocation_feed', 'access_lifetimes']) await knex.raw(`DROP TABLE ${table}`);
}

/** The assumed lifetime of access tokens, in seconds, while no server has recorded one, as right after this migration. */
const UNKNOWN_LIFETIME = 86_400;

/** Key of the advisory lock under which positions are assigned; an arbitrary number, the same in all versions. */
const POSITION_LOCK = 4_720_114_958;

const ENDS = 'OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NEW.user_id IS NOT NULL';

const LIFETIME = `SELECT coalesce(max(seconds), ${UNKNOWN_LIFETIME}) FROM access_lifetimes`;

function tables(key: string, position: string): string[] {
  return [
    // Lifetimes of access tokens, in seconds, that servers use or have used (until `used_at`, Unix seconds).
    `CREATE TABLE access_lifetimes (seconds bigint NOT NULL PRIMARY KEY, used_at bigint NOT NULL)`,
    // A single row. The id distinguishes this feed from that of any other database; all entries up to purged_to have expired and were
    // deleted.
    `CREATE TABLE revocation_feed (id ${key} NOT NULL PRIMARY KEY, purged_to bigint NOT NULL)`,
    `CREATE TABLE revocations (position ${position}, sid ${key} NOT NULL, revoked_at bigint NOT NULL, expires_at bigint NOT NULL)`,
  ];
}

/** Sessions that ended before the feed existed, if their tokens may still be valid. */
function fill(clock: string): string {
  return `INSERT INTO revocations (sid, revoked_at, expires_at) SELECT sid, ended_at, ended_at + ${UNKNOWN_LIFETIME} FROM sessions
    WHERE user_id IS NOT NULL AND ended_at > ${clock} - ${UNKNOWN_LIFETIME} ORDER BY ended_at, id`;
}

/**
 * The sessions of a deactivated or deleted user; those that ended earlier are already in the feed. Includes the time of the last activity,
 * since the servers' clocks may be ahead of the database's.
 */
function ofUser(clock: string, later: string, lifetime: string): string {
  const at = `${later}(${clock}, last_seen_at, coalesce(authenticated_at, 0))`;
  return `INSERT INTO revocations (sid, revoked_at, expires_at) SELECT sid, ${at}, ${at} + (${lifetime}) FROM sessions
    WHERE user_id = OLD.id AND ended_at IS NULL AND expires_at + (${lifetime}) > ${clock} ORDER BY id`;
}

const SQLITE_CLOCK = `CAST(strftime('%s', 'now') AS INTEGER)`;

// SQLite has one writer at a time, so rows are numbered in the order of the commits.
const SQLITE = [
  ...tables('TEXT', 'INTEGER PRIMARY KEY AUTOINCREMENT'),
  `INSERT INTO revocation_feed (id, purged_to) VALUES (lower(hex(randomblob(8))), 0)`,
  fill(SQLITE_CLOCK),
  `CREATE TRIGGER sessions_ended AFTER UPDATE OF ended_at ON sessions WHEN ${ENDS} BEGIN
     INSERT INTO revocations (sid, revoked_at, expires_at) VALUES (NEW.sid, NEW.ended_at, NEW.ended_at + (${LIFETIME}));
   END`,
  `CREATE TRIGGER users_deactivated AFTER UPDATE OF is_active ON users WHEN OLD.is_active AND NOT NEW.is_active BEGIN
     ${ofUser(SQLITE_CLOCK, 'max', LIFETIME)};
   END`,
  `CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN ${ofUser(SQLITE_CLOCK, 'max', LIFETIME)}; END`,
];

const POSTGRESQL_CLOCK = `CAST(extract(epoch FROM clock_timestamp()) AS bigint)`;

/** Fixes the functions' search path to the current one, so that they find their tables whatever the search path of the session that writes. */
function trigger(name: string, insert: string): string {
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
      PERFORM pg_advisory_xact_lock(${POSITION_LOCK});
      ${insert};
      RETURN NULL;
    END $$`;
}

// Positions are assigned under a lock that is held until the commit is visible to others. So they appear in order, and a reader that has
// seen one misses none before it. The triggers are deferred, so the lock is the last one that a transaction takes: it cannot deadlock and
// is held briefly.
const DEFERRED = 'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW';

const POSTGRESQL = [
  ...tables('text COLLATE "C"', 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY'),
  `INSERT INTO revocation_feed (id, purged_to) VALUES (left(md5(gen_random_uuid()::text), 16), 0)`,
  fill(POSTGRESQL_CLOCK),
  `CREATE FUNCTION longest_access_token() RETURNS bigint LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$ ${LIFETIME} $$`,
  trigger(
    'record_ended_session',
    `INSERT INTO revocations (sid, revoked_at, expires_at) VALUES (NEW.sid, NEW.ended_at, NEW.ended_at + longest_access_token())`,
  ),
  trigger('record_inactive_user', ofUser(POSTGRESQL_CLOCK, 'greatest', 'longest_access_token()')),
  `CREATE CONSTRAINT TRIGGER sessions_ended AFTER UPDATE OF ended_at ON sessions ${DEFERRED}
     WHEN (${ENDS}) EXECUTE FUNCTION record_ended_session()`,
  `CREATE CONSTRAINT TRIGGER users_deactivated AFTER UPDATE OF is_active ON users ${DEFERRED}
     WHEN (OLD.is_active AND NOT NEW.is_active) EXECUTE FUNCTION record_inactive_user()`,
  `CREATE CONSTRAINT TRIGGER users_deleted AFTER DELETE ON users ${DEFERRED} EXECUTE FUNCTION record_inactive_user()`,
];

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
