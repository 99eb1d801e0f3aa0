import type { SessionRecord } from '../../src/contracts/records.ts';
import type { Database } from '../../src/store/database.ts';
import { statement, type Statement, type Value } from '../../src/store/statements.ts';

/** A user with one verified address, for a database that is filled at once. */
export interface BulkUser {
  id: string;
  username: string;
  email: string;
  passwordHash: string | null;
  isStaff: boolean;
  createdAt: number;
  lastLoginAt: number | null;
}

/** A session with its refresh token, if it has one. */
export type BulkSession = Omit<SessionRecord, 'id' | 'version'> & { lapsed: boolean; jti: string | null; accessJti: string };

const rows = (members: string, dialect: 'sqlite' | 'postgresql', types: Record<string, string>): string =>
  dialect === 'sqlite'
    ? `(SELECT ${members
        .split(' ')
        .map((name) => `value ->> '${name}' AS ${name}`)
        .join(', ')} FROM json_each(?1)) AS r`
    : `json_to_recordset(?1::json) AS r (${members
        .split(' ')
        .map((name) => `${name} ${types[name] ?? 'text'}`)
        .join(', ')})`;

const USER = 'id username email hash staff created login';
const SESSION = 'sid hash user_id client ip agent created seen auth expires ended reason by lapsed data jti access issued';
const NUMBERS = Object.fromEntries('created login seen auth expires ended issued'.split(' ').map((name) => [name, 'bigint']));

const both = (name: string, make: (dialect: 'sqlite' | 'postgresql') => string): Statement =>
  statement(name, { sqlite: make('sqlite'), postgresql: make('postgresql') });

const flag = (dialect: string, column: string): string => (dialect === 'sqlite' ? column : `${column}::int = 1`);

const USERS = both(
  'bulk_users',
  (dialect) => `INSERT INTO users (id, username, username_key, password_hash, is_active, is_staff, created_at, last_login_at)
  SELECT r.id, r.username, lower(r.username), r.hash, ${flag(dialect, "'1'")}, ${flag(dialect, 'r.staff')}, r.created, r.login
  FROM ${rows(USER, dialect, NUMBERS)}`,
);
const EMAILS = both(
  'bulk_emails',
  (dialect) => `INSERT INTO emails (user_id, email, claimed_email, is_verified, is_primary)
  SELECT r.id, r.email, r.email, ${flag(dialect, "'1'")}, ${flag(dialect, "'1'")} FROM ${rows(USER, dialect, NUMBERS)}`,
);
const SESSIONS = both(
  'bulk_sessions',
  (
    dialect,
  ) => `INSERT INTO sessions (sid, token_hash, user_id, client, ip, user_agent, created_at, last_seen_at, authenticated_at, expires_at,
    ended_at, ended_reason, ended_by, version, data, lapsed)
  SELECT r.sid, r.hash, r.user_id, r.client, r.ip, r.agent, r.created, r.seen, r.auth, r.expires, r.ended, r.reason, r.by, 0, r.data,
    ${flag(dialect, 'r.lapsed')} FROM ${rows(SESSION, dialect, NUMBERS)}`,
);
const TOKENS = both(
  'bulk_tokens',
  (dialect) => `INSERT INTO refresh_tokens (jti, session_id, parent_jti, access_jti, issued_at, expires_at)
  SELECT r.jti, s.id, NULL, r.access, r.issued, r.expires FROM ${rows(SESSION, dialect, NUMBERS)} JOIN sessions AS s ON s.sid = r.sid
  WHERE r.jti IS NOT NULL`,
);

/** Stores many users and sessions in one transaction; for benchmarks and demonstrations, nothing is checked. */
export async function insertInBulk(db: Database, users: readonly BulkUser[], sessions: readonly BulkSession[]): Promise<void> {
  const people = JSON.stringify(
    users.map(({ passwordHash, isStaff, createdAt, lastLoginAt, ...rest }) => ({
      ...rest,
      hash: passwordHash,
      staff: isStaff ? 1 : 0,
      created: createdAt,
      login: lastLoginAt,
    })),
  );
  const visits = JSON.stringify(
    sessions.map((s) => ({
      ...{ sid: s.sid, hash: s.tokenHash, user_id: s.userId, client: s.client, ip: s.ip, agent: s.userAgent, created: s.createdAt },
      ...{ seen: s.lastSeenAt, auth: s.authenticatedAt, expires: s.expiresAt, ended: s.endedAt, reason: s.endedReason, by: s.endedBy },
      ...{ lapsed: s.lapsed ? 1 : 0, data: JSON.stringify(s.data), jti: s.jti, access: s.accessJti, issued: s.lastSeenAt },
    })),
  );
  const step = (of: Statement, json: string): { statement: Statement; values: Value[] } => ({ statement: of, values: [json] });
  await db.writeUnit([step(USERS, people), step(EMAILS, people), step(SESSIONS, visits), step(TOKENS, visits)]);
}

/** Kept by name and by the words that make it anew. */
interface Made {
  name: string;
  sql: string;
}

const FILLED = `('users', 'emails', 'sessions', 'refresh_tokens', 'user_search')`;

/**
 * Takes away the indices (but unique ones) and triggers of the tables that are filled, and gives what makes them anew, with what the triggers would
 * have done: row by row that takes several times as long.
 */
export async function withoutIndices(db: Database, fill: () => Promise<void>): Promise<void> {
  const sqlite = db.dialect === 'sqlite';
  const found: unknown = await db.knex.raw(
    sqlite
      ? `SELECT name, sql, type FROM sqlite_schema WHERE tbl_name IN ${FILLED} AND sql IS NOT NULL AND (type = 'trigger' OR (type = 'index' AND sql NOT LIKE '%UNIQUE%'))`
      : `SELECT indexname AS name, indexdef AS sql, 'index' AS type FROM pg_indexes
         WHERE schemaname = current_schema() AND tablename IN ${FILLED} AND indexdef NOT LIKE '%UNIQUE%'`,
  );
  const made = (sqlite ? found : (found as { rows: unknown }).rows) as (Made & { type: string })[];
  await db.exclusive(async (own) => {
    for (const { name, type } of made) await own.knex.raw(`DROP ${type} ${name}`);
    if (!sqlite) for (const table of ['users', 'emails']) await own.knex.raw(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  });
  try {
    await fill();
  } finally {
    await db.exclusive(async (own) => {
      await own.knex.raw(
        `INSERT INTO user_search (user_id, text) SELECT u.id, u.username_key || ${sqlite ? 'char' : 'chr'}(10) || e.email FROM users AS u
         JOIN emails AS e ON e.user_id = u.id WHERE u.id NOT IN (SELECT user_id FROM user_search)`,
      );
      if (sqlite) await own.knex.raw(`INSERT INTO user_search_fts (user_search_fts) VALUES ('rebuild')`);
      else for (const table of ['users', 'emails']) await own.knex.raw(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
      for (const { sql } of made) await own.knex.raw(sql);
      await own.knex.raw('ANALYZE');
    });
  }
}
