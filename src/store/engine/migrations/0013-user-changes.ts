import type { Knex } from 'knex';

/**
 * Records which users have changed, so that every server can drop them from its cache. Triggers write it in the same commit, whatever makes
 * the change. Logins are excluded: `last_login_at` would add a row per login.
 */
export async function up(knex: Knex): Promise<void> {
  for (const sql of isSqlite(knex) ? SQLITE : POSTGRESQL) await knex.raw(sql);
}

/** Drops everything that `up` created. */
export async function down(knex: Knex): Promise<void> {
  for (const { name, table } of TRIGGERS) await knex.raw(`DROP TRIGGER ${name}${isSqlite(knex) ? '' : ` ON ${table}`}`);
  if (!isSqlite(knex)) for (const { name } of TRIGGERS) await knex.raw(`DROP FUNCTION record_${name}()`);
  await knex.raw('DROP TABLE user_changes');
}

/**
 * Key of the advisory lock under which positions are assigned: the same as that of the revocation feed, so that a commit takes one lock
 * instead of two.
 */
const POSITION_LOCK = 4_720_114_958;

const COLUMNS = ['username', 'password_hash', 'is_active', 'is_staff', 'extra'];

interface Trigger {
  name: string;
  table: 'users' | 'emails';
  on: string;
  when: string | null;
  userId: string;
  /** A condition with a subquery, which `when` does not allow. */
  onlyIf: string;
}

const TRIGGERS: readonly Trigger[] = [
  {
    name: 'users_changed',
    table: 'users',
    on: `UPDATE OF ${COLUMNS.join(', ')}`,
    when: COLUMNS.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR '),
    userId: 'NEW.id',
    onlyIf: 'true',
  },
  { name: 'users_removed', table: 'users', on: 'DELETE', when: null, userId: 'OLD.id', onlyIf: 'true' },
  // The primary address is loaded with the user. A signup adds one too, but a user without sessions cannot be in any cache.
  {
    name: 'emails_added',
    table: 'emails',
    on: 'INSERT',
    when: 'NEW.is_primary',
    userId: 'NEW.user_id',
    onlyIf: 'EXISTS (SELECT 1 FROM sessions WHERE user_id = NEW.user_id)',
  },
  {
    name: 'emails_changed',
    table: 'emails',
    on: 'UPDATE OF email, is_primary',
    when: '(OLD.is_primary OR NEW.is_primary) AND (OLD.is_primary <> NEW.is_primary OR OLD.email <> NEW.email)',
    userId: 'NEW.user_id',
    onlyIf: 'true',
  },
  { name: 'emails_removed', table: 'emails', on: 'DELETE', when: 'OLD.is_primary', userId: 'OLD.user_id', onlyIf: 'true' },
];

function table(key: string, position: string): string {
  return `CREATE TABLE user_changes (position ${position}, user_id ${key} NOT NULL, changed_at bigint NOT NULL)`;
}

function insert({ userId, onlyIf }: Trigger, clock: string): string {
  return `INSERT INTO user_changes (user_id, changed_at) SELECT ${userId}, ${clock} WHERE ${onlyIf}`;
}

// SQLite has one writer at a time, so rows are numbered in the order of the commits.
const SQLITE = [
  table('TEXT', 'INTEGER PRIMARY KEY AUTOINCREMENT'),
  ...TRIGGERS.map(
    (
      trigger,
    ) => `CREATE TRIGGER ${trigger.name} AFTER ${trigger.on} ON ${trigger.table} ${trigger.when === null ? '' : `WHEN ${trigger.when}`}
      BEGIN ${insert(trigger, `CAST(strftime('%s', 'now') AS INTEGER)`)}; END`,
  ),
];

// As for revocations: the lock makes positions appear in order, and since the triggers are deferred, it is the last one that a transaction
// takes.
const POSTGRESQL = [
  table('text COLLATE "C"', 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY'),
  ...TRIGGERS.flatMap((trigger) => [
    `CREATE FUNCTION record_${trigger.name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
      IF NOT ${trigger.onlyIf} THEN RETURN NULL; END IF;
      PERFORM pg_advisory_xact_lock(${POSITION_LOCK});
      ${insert(trigger, 'CAST(extract(epoch FROM clock_timestamp()) AS bigint)')};
      RETURN NULL;
    END $$`,
    `CREATE CONSTRAINT TRIGGER ${trigger.name} AFTER ${trigger.on} ON ${trigger.table} DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW ${trigger.when === null ? '' : `WHEN (${trigger.when})`} EXECUTE FUNCTION record_${trigger.name}()`,
  ]),
];

function isSqlite(knex: Knex): boolean {
  return (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
}
