import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import pg from 'pg';
import type { RefreshTokenRecord, SessionRecord, UserRecord } from '../../src/contracts/records.ts';
import { newId, newTokenId } from '../../src/kit/random.ts';
import type { Database, DatabaseConfig } from '../../src/store/engine/database.ts';
import { migrate } from '../../src/store/engine/migrate.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import { insertRefreshToken } from '../../src/store/refresh-tokens.ts';
import { insertSession } from '../../src/store/sessions.ts';
import { insertEmail, insertUser, type NewUser } from '../../src/store/users.ts';

/** Where the tests find PostgreSQL; each of them makes a schema of its own there. */
export const POSTGRESQL_URL = process.env['ALLAUTH_TEST_POSTGRESQL'] ?? 'postgresql://root@127.0.0.1:5432/test';

/** The time in the tests, Unix seconds; beyond 2^31, as it will be in 2038. */
export const NOW = 3_000_000_000;

export const DAY = 86_400;

export type Kind = 'memory' | 'file' | 'postgresql';

let schemas = 0;

/** Why PostgreSQL is not tested; false: it is. In CI it must be there. */
export const withoutPostgresql: string | false = await (async () => {
  const client = new pg.Client({ connectionString: POSTGRESQL_URL, connectionTimeoutMillis: 3000 });
  try {
    await client.connect();
    await client.end();
    return false;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return `no PostgreSQL at ${new URL(POSTGRESQL_URL).host}: ${error instanceof Error ? error.message : String(error)}`;
  }
})();

/** Runs SQL on PostgreSQL beside the store. */
export async function onPostgresql(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRESQL_URL });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** A new, empty database of this kind that goes when the test ends. */
export async function newDatabase(t: TestContext, kind: Kind): Promise<DatabaseConfig> {
  if (kind === 'memory') return 'sqlite://:memory:';
  if (kind === 'file') {
    const folder = mkdtempSync(join(tmpdir(), 'allauth-store-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return `sqlite://${folder}/test.sqlite3`;
  }
  const schema = `store_${process.pid}_${++schemas}`;
  await onPostgresql(`CREATE SCHEMA ${schema}`);
  t.after(() => onPostgresql(`DROP SCHEMA ${schema} CASCADE`));
  return { client: 'pg', connection: { connectionString: POSTGRESQL_URL }, searchPath: schema };
}

/** Opens a database and closes it when the test ends. */
export async function open(t: TestContext, config: DatabaseConfig): Promise<Database> {
  const db = await openDatabase(config, { folder: tmpdir() });
  t.after(() => db.close());
  return db;
}

/** Runs a test on each kind of database, with its schema made. */
export function onEach(
  name: string,
  run: (db: Database, t: TestContext, config: DatabaseConfig) => Promise<void>,
  kinds: readonly Kind[] = ['memory', 'file', 'postgresql'],
): void {
  for (const kind of kinds) {
    test(`${name} (${kind})`, { skip: kind === 'postgresql' && withoutPostgresql }, async (t) => {
      const config = await newDatabase(t, kind);
      const db = await openDatabase(config, { folder: tmpdir() });
      try {
        await migrate(db);
        await run(db, t, config);
      } finally {
        await db.close();
      }
    });
  }
}

export async function addUser(db: Database, changes: Partial<NewUser> & { email?: string } = {}): Promise<UserRecord> {
  const { email = null, ...more } = changes;
  const id = newId();
  const user: NewUser = { id, username: `user-${id}`, passwordHash: 'hash', isActive: true, isStaff: false, createdAt: NOW, ...more };
  await insertUser(db, user);
  if (email !== null) await insertEmail(db, { userId: user.id, email, verified: true, primary: true, unique: true });
  return { extra: {}, ...user, email, lastLoginAt: null };
}

export function newSession(changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 0,
    sid: newTokenId(),
    tokenHash: 'token-hash',
    userId: null,
    client: 'app',
    ip: '192.0.2.1',
    userAgent: 'test',
    createdAt: NOW,
    lastSeenAt: NOW,
    authenticatedAt: null,
    expiresAt: NOW + DAY,
    endedAt: null,
    endedReason: null,
    endedBy: null,
    version: 0,
    secondFactor: false,
    data: {},
    ...changes,
  };
}

export async function addSession(db: Database, changes: Partial<SessionRecord> = {}): Promise<SessionRecord> {
  const session = newSession(changes);
  await insertSession(db, session);
  return session;
}

export function newToken(session: SessionRecord, changes: Partial<RefreshTokenRecord> = {}): RefreshTokenRecord {
  return {
    jti: newTokenId(),
    sessionId: session.id,
    parentJti: null,
    accessJti: newTokenId(),
    issuedAt: NOW,
    expiresAt: NOW + DAY,
    ...changes,
  };
}

export async function addToken(
  db: Database,
  session: SessionRecord,
  changes: Partial<RefreshTokenRecord> = {},
): Promise<RefreshTokenRecord> {
  const token = newToken(session, changes);
  await insertRefreshToken(db, token);
  return token;
}
