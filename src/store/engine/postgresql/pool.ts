import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresqlConfig } from '../config.ts';
import { DatabaseUnavailable, translate } from '../errors.ts';

/** A pool of pg connections, each lent to one user at a time. Closing waits for running work; pg's own pool would abort it. */
export class ConnectionPool {
  readonly #pool: pg.Pool;
  /** The number of connections that are requested or in use. */
  #users = 0;
  #closing = false;
  #lastLeft: () => void = () => undefined;

  constructor(config: PostgresqlConfig, limits: pg.ClientConfig) {
    this.#pool = new pg.Pool({
      application_name: 'allauth-kit',
      keepAlive: true,
      ...limits,
      ...config.connection,
      ...poolOptions(config),
      types,
    });
    // The pool removes a failed connection; its user gets the error from the query.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Lends a connection to `use`; closes it if `use` throws `DatabaseUnavailable`. @throws {DatabaseUnavailable} */
  async lend<Result>(use: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    if (this.#closing) throw new DatabaseUnavailable('the database is closed');
    this.#users += 1;
    try {
      return await this.#lend(use);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#lastLeft();
    }
  }

  /** Rejects new requests and waits for running ones. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#lastLeft = resolve));
    await this.#pool.end();
  }

  async #lend<Result>(use: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    const client = await this.#connect();
    try {
      const result = await use(client);
      client.release();
      return result;
    } catch (error) {
      // What is left on it (a late answer, an open transaction) must not reach another user.
      client.release(error instanceof DatabaseUnavailable);
      throw error;
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw translate(error);
    }
  }
}

/** The pool options in setting DATABASE, named as in knex. Those that only tune knex's own pool are ignored. */
interface PoolSettings {
  min: number;
  max: number;
  /** Milliseconds to wait for a connection, new or free. */
  acquireTimeoutMillis: number;
  idleTimeoutMillis: number;
  maxConnectionLifetimeMillis: number;
  /** Called with each new connection. */
  afterCreate?: (connection: unknown, done: (error?: unknown) => void) => void;
}

const DEFAULTS: PoolSettings = { min: 0, max: 10, acquireTimeoutMillis: 5000, idleTimeoutMillis: 30_000, maxConnectionLifetimeMillis: 0 };

function poolOptions({ pool, more }: PostgresqlConfig): pg.PoolConfig {
  const { min, max, acquireTimeoutMillis, idleTimeoutMillis, maxConnectionLifetimeMillis, afterCreate } = { ...DEFAULTS, ...pool };
  const { acquireConnectionTimeout, searchPath } = more;
  const limit =
    typeof acquireConnectionTimeout === 'number' ? Math.min(acquireConnectionTimeout, acquireTimeoutMillis) : acquireTimeoutMillis;
  // pg waits for it, although its type does not say so.
  const hook = {
    onConnect: async (client: pg.ClientBase): Promise<void> => {
      if (searchPath !== undefined) await client.query(`SET search_path TO ${identifiers(searchPath)}`);
      if (afterCreate) await promisify(afterCreate)(client);
    },
  };
  return {
    min,
    max,
    connectionTimeoutMillis: limit,
    idleTimeoutMillis,
    maxLifetimeSeconds: maxConnectionLifetimeMillis / 1000,
    ...hook,
  };
}

function identifiers(searchPath: unknown): string {
  const names: unknown[] = Array.isArray(searchPath) ? searchPath : [searchPath];
  return names.map((name) => pg.escapeIdentifier(String(name))).join(', ');
}

/** int8, which pg returns as text. All of ours are times and row numbers, far below 2^53. */
const INT8 = 20;

const types: pg.CustomTypesConfig = { getTypeParser: parserOf };

/** Only called for the text format. */
function parserOf(oid: number): (text: string) => unknown {
  return oid === INT8 ? Number : (pg.types.getTypeParser(oid, 'text') as (text: string) => unknown); // pg types these values as any
}
