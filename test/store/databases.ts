import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RefreshTokenRecord, SessionRecord, UserRecord } from '../../src/contracts/records.ts';
import { newId, newTokenId } from '../../src/kit/random.ts';
import type { Database, DatabaseConfig } from '../../src/store/engine/database.ts';
import { migrate } from '../../src/store/engine/migrate.ts';
import { openDatabase } from '../../src/store/engine/open.ts';
import { insertRefreshToken } from '../../src/store/refresh-tokens.ts';
import { insertSession } from '../../src/store/sessions.ts';
import { insertEmail, insertUser, type NewUser } from '../../src/store/users.ts';
import { sqliteFile } from '../support/database.ts';
import { onPostgresql } from '../support/postgresql.ts';
import { withoutPostgresql } from '../support/without-postgresql.ts';
import { borrowSchema, schemaConfig } from '../support/schemas.ts';

/** The time in the tests, Unix seconds; beyond 2^31, as it will be in 2038. */
export const NOW = 3_000_000_000;

export const DAY = 86_400;

export type Kind = 'memory' | 'file' | 'postgresql';

let schemas = 0;

/** A new database of this kind, not migrated, deleted when the test ends. */
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
  return schemaConfig(schema);
}

function migratedDatabase(t: TestContext, kind: Kind): Promise<DatabaseConfig> {
  if (kind === 'memory') return newDatabase(t, kind);
  return kind === 'file' ? sqliteFile(t) : borrowSchema(t);
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
      const config = await migratedDatabase(t, kind);
      const db = await openDatabase(config, { folder: tmpdir() });
      try {
        if (kind === 'memory') await migrate(db);
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
  const { passwordHash = 'hash', ...others } = more;
  const user = { id, username: `user-${id}`, isActive: true, isStaff: false, createdAt: NOW, ...others };
  await insertUser(db, { ...user, passwordHash });
  if (email !== null) await insertEmail(db, { userId: user.id, email, verified: true, primary: true, unique: true });
  return { extra: {}, credentialsVersion: 0, ...user, hasPassword: passwordHash !== null, email, lastLoginAt: null };
}

export function newSession(changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 0,
    sid: newTokenId(),
    tokenHash: 'token-hash',
    userId: null,
    pendingUserId: null,
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
