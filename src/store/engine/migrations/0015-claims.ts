import type { Knex } from 'knex';

/**
 * emails.is_vouched: whether someone other than a visitor gave the unverified address to the account (an admin, a command, an invitation, an import), or
 * its owner has opened the account by it. Of the users that are there already, those that the audit log knows as created by an admin or a command are
 * vouched for. All others may have been signed up by anyone, so the first opening by an unverified address voids what was there before.
 * An unverified address that is not primary gives up its claim.
 */
export async function up(knex: Knex): Promise<void> {
  const isSqlite = (knex.client as Knex.Client).dialect === 'sqlite3'; // knex types `client` as any
  const [type, no, yes] = isSqlite ? ['INTEGER', '0', '1'] : ['boolean', 'false', 'true'];
  await knex.raw(`ALTER TABLE emails ADD COLUMN is_vouched ${type} NOT NULL DEFAULT ${no}`);
  await knex.raw(
    `UPDATE emails SET is_vouched = ${yes} WHERE is_primary AND user_id IN (SELECT user_id FROM events WHERE type = 'user_created' AND user_id IS NOT NULL)`,
  );
  await knex.raw('UPDATE emails SET claimed_email = NULL WHERE claimed_email IS NOT NULL AND NOT is_verified AND NOT is_primary');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE emails DROP COLUMN is_vouched');
}
