import { onPostgresql, POSTGRESQL_URL } from '../support/postgresql.ts';
import { withoutPostgresql } from '../support/without-postgresql.ts';

const created: string[] = [];

/** Creates a database for each of the files that run at the same time: advisory locks and notifications cross schemas, not databases. */
export async function createDatabases(count: number): Promise<void> {
  if (withoutPostgresql !== false) return;
  for (let slot = 0; slot < count; slot += 1) {
    const name = nameOf(slot);
    await onPostgresql(`CREATE DATABASE ${name}`);
    created.push(name);
    // Nothing in it has to survive a crash of PostgreSQL, so no commit waits for the disk.
    await onPostgresql(`ALTER DATABASE ${name} SET synchronous_commit = off`);
  }
}

/** Drops the databases of this run. */
export async function dropDatabases(): Promise<void> {
  for (let name = created.pop(); name !== undefined; name = created.pop()) await onPostgresql(`DROP DATABASE ${name} WITH (FORCE)`);
}

/** Where the database of this slot is. */
export function databaseUrl(slot: number): string {
  const url = new URL(POSTGRESQL_URL);
  url.pathname = `/${nameOf(slot)}`;
  return url.href;
}

function nameOf(slot: number): string {
  return `allauth_run_${process.pid}_${slot}`;
}
