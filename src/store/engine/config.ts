import { resolve } from 'node:path';

/**
 * Setting DATABASE: `sqlite://:memory:`, `sqlite://./file.sqlite3` (from the config's folder), `sqlite:///absolute/file`,
 * `postgresql://…` or `postgres://…`, or a knex config object with client `sqlite3` or `pg`.
 */
export type DatabaseConfig = string | { client?: string; connection?: unknown; [more: string]: unknown };

export interface SqliteConfig {
  dialect: 'sqlite';
  /** Absolute path, or `:memory:`. */
  filename: string;
  /** What a commit waits for: `FULL` survives a power failure, `NORMAL` may lose the last commits. */
  synchronous: 'FULL' | 'NORMAL';
}

export interface PostgresqlConfig {
  dialect: 'postgresql';
  /** In the form that pg's Client takes. */
  connection: object;
  /** Pool limits, in knex's terms. */
  pool: object;
  /** Other options for knex. */
  more: Record<string, unknown>;
}

const EXPECTED =
  "expected 'sqlite://./FILE', 'sqlite:///ABSOLUTE/FILE', 'sqlite://:memory:', 'postgresql://USER:PASSWORD@HOST/NAME' or a knex config";

/** Parses setting DATABASE. @throws {Error} that says what is expected, without the value, which may contain a password */
export function parseDatabaseConfig(config: DatabaseConfig, folder: string): SqliteConfig | PostgresqlConfig {
  if (typeof config === 'string') return parseUrl(config, folder);
  const { client, connection, pool, ...more } = config;
  if (client === 'sqlite3' || client === 'sqlite') return parseSqlite(connection, more, folder);
  if (client === 'pg' || client === 'postgres' || client === 'postgresql') {
    return { dialect: 'postgresql', connection: parseConnection(connection), pool: isObject(pool) ? pool : {}, more };
  }
  throw new Error(`DATABASE: client ${JSON.stringify(client)} is none of sqlite3, pg`);
}

function parseUrl(url: string, folder: string): SqliteConfig | PostgresqlConfig {
  const scheme = /^([a-z0-9]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'postgresql' || scheme === 'postgres') {
    return { dialect: 'postgresql', connection: { connectionString: url }, pool: {}, more: {} };
  }
  if (scheme === 'sqlite' || scheme === 'sqlite3') {
    const [path = '', query = ''] = url.slice(scheme.length + 3).split('?', 2);
    return sqliteConfig(decodeURIComponent(path), new URLSearchParams(query).get('synchronous'), folder);
  }
  throw new Error(`DATABASE: ${EXPECTED}`);
}

function parseSqlite(connection: unknown, more: Record<string, unknown>, folder: string): SqliteConfig {
  const filename: unknown = isObject(connection) ? Reflect.get(connection, 'filename') : connection;
  if (typeof filename !== 'string') throw new Error('DATABASE: connection.filename is missing');
  if (/^sqlite3?:\/\//i.test(filename)) return sqliteConfig(filename.replace(/^sqlite3?:\/\//i, ''), more['synchronous'], folder);
  return sqliteConfig(filename, more['synchronous'], folder);
}

function sqliteConfig(path: string, synchronous: unknown, folder: string): SqliteConfig {
  if (path === '') throw new Error(`DATABASE: ${EXPECTED}`);
  const wanted = typeof synchronous === 'string' ? synchronous.toUpperCase() : (synchronous ?? 'FULL');
  if (wanted !== 'FULL' && wanted !== 'NORMAL') throw new Error('DATABASE: synchronous is none of full, normal');
  return { dialect: 'sqlite', filename: path === ':memory:' ? path : resolve(folder, path), synchronous: wanted };
}

function parseConnection(connection: unknown): object {
  if (typeof connection === 'string') return { connectionString: connection };
  if (isObject(connection)) return connection;
  throw new Error('DATABASE: connection is missing');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
