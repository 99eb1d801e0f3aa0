import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseConfig } from '../../src/store/engine/config.ts';
import { onPostgresql, POSTGRESQL_URL } from '../support/postgresql.ts';
import { PINNED } from './child.ts';
import { newFolder } from './servers.ts';

/** The staff user that `lay` makes. */
export const STAFF = { email: 'staff@example.org', password: 'correct-Horse-7-battery' };

/** A database that `lay` has filled, and what removes it. */
export async function layDatabase(
  kind: 'sqlite' | 'postgresql',
  sessions: number,
): Promise<{ database: DatabaseConfig; drop: () => Promise<void> }> {
  const folder = newFolder(`laid-${sessions}`);
  const schema = `bench_${process.pid}_${sessions}`;
  const database: DatabaseConfig =
    kind === 'sqlite'
      ? `sqlite://${folder}/laid.sqlite3`
      : { client: 'pg', connection: { connectionString: POSTGRESQL_URL }, searchPath: schema };
  if (kind === 'postgresql') await onPostgresql(`CREATE SCHEMA ${schema}`);
  const settings = join(folder, 'settings.json');
  writeFileSync(
    settings,
    JSON.stringify({ SECRET_KEY: 'a-secret-of-the-benchmark-and-no-other-server', LOG_LEVEL: 'error', DATABASE: database }),
  );
  // The load is kept to one CPU, which laying need not be.
  const [command = '', ...before] = [
    ...(PINNED ? ['taskset', '-c', `0-${cpus().length - 1}`] : []),
    fileURLToPath(new URL('lay', import.meta.url)),
  ];
  const said = execFileSync(command, [...before, settings, String(sessions)], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'test' },
  });
  process.stdout.write(`${kind}: ${said}`);
  return { database, drop: async () => void (kind === 'postgresql' && (await onPostgresql(`DROP SCHEMA ${schema} CASCADE`))) };
}
