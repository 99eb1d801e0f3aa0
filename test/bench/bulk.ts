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

const ANALYZE = statement('bulk_analyze', 'ANALYZE');

/** Lets the planner know what is there now; PostgreSQL would do it by itself a minute later. */
export async function analyze(db: Database): Promise<void> {
  await db.write(ANALYZE, []);
}
