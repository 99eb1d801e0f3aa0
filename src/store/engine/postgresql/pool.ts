import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresqlConfig } from '../config.ts';
import { DatabaseUnavailable, translate } from '../errors.ts';

/** Connections of pg, lent to one user at a time. What was begun is finished before it closes: pg's own pool would break it off. */
export class ConnectionPool {
  readonly #pool: pg.Pool;
  /** Connections that are asked for or in use. */
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
    // The pool removes a connection that fails; its user gets the error from the query.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Lends a connection to `use`; if that throws `DatabaseUnavailable`, the connection is closed. @throws {DatabaseUnavailable} */
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

  /** Refuses what comes from now on; waits for what has come before. */
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
      // What it still carries (a lost answer, an open transaction) must reach no other user.
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

/** Options of a pool in the setting DATABASE, in the words of knex. Those that only tune knex's own pool have no effect. */
interface PoolSettings {
  min: number;
  max: number;
  /** Milliseconds until a connection is there, new or free. */
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
  // pg waits for it, though its type does not say so.
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

/** int8, which pg gives as text: all of ours are times and row numbers, far below 2^53. */
const INT8 = 20;

const types: pg.CustomTypesConfig = { getTypeParser: parserOf };

/** Asked for the text format only. */
function parserOf(oid: number): (text: string) => unknown {
  return oid === INT8 ? Number : (pg.types.getTypeParser(oid, 'text') as (text: string) => unknown); // pg types what it gives as any
}
