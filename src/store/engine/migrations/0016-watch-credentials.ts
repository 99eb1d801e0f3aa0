import type { Knex } from 'knex';

/**
 * Adds users.credentials_version to the columns whose changes are recorded in user_changes: a cached user with an old counter could not change the
 * password. The first password of a user without sessions, which a signup sets, is no change: nothing can be cached for that user.
 */
export async function up(knex: Knex): Promise<void> {
  await replaceTrigger(knex, [...COLUMNS, 'credentials_version'], HAS_BEEN_READ);
}

/** Restores the trigger of 0013. */
export async function down(knex: Knex): Promise<void> {
  await replaceTrigger(knex, COLUMNS, 'true');
}

const COLUMNS = ['username', 'password_hash', 'is_active', 'is_staff', 'extra'];

const HAS_BEEN_READ = '(OLD.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM sessions WHERE user_id = NEW.id))';

/** The advisory lock under which positions are given, as in 0013. */
const POSITION_LOCK = 4_720_114_958;

async function replaceTrigger(knex: Knex, columns: readonly string[], onlyIf: string): Promise<void> {
  const event = `AFTER UPDATE OF ${columns.join(', ')} ON users`;
  const when = columns.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ');
  if ((knex.client as Knex.Client).dialect === 'sqlite3') {
    await knex.raw('DROP TRIGGER users_changed');
    await knex.raw(`CREATE TRIGGER users_changed ${event} WHEN ${when} BEGIN
      INSERT INTO user_changes (user_id, changed_at) SELECT NEW.id, CAST(strftime('%s', 'now') AS INTEGER) WHERE ${onlyIf}; END`);
    return;
  }
  await knex.raw('DROP TRIGGER users_changed ON users');
  await knex.raw(`CREATE OR REPLACE FUNCTION record_users_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
      IF NOT ${onlyIf} THEN RETURN NULL; END IF;
      PERFORM pg_advisory_xact_lock(${POSITION_LOCK});
      INSERT INTO user_changes (user_id, changed_at) SELECT NEW.id, CAST(extract(epoch FROM clock_timestamp()) AS bigint);
      RETURN NULL;
    END $$`);
  await knex.raw(`CREATE CONSTRAINT TRIGGER users_changed ${event} DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION record_users_changed()`);
}
