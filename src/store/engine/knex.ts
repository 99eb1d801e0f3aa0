import { createRequire } from 'node:module';
import type createKnexType from 'knex';
import type { Knex } from 'knex';
import type { Dialect, QueryResult } from './driver.ts';

/** The knex options in setting DATABASE other than client, connection and pool. */
export type KnexOptions = Readonly<Record<string, unknown>>;

/** Runs SQL that knex has built. */
export type RunQuery = (sql: string, values: readonly unknown[]) => Promise<QueryResult>;

const require = createRequire(import.meta.url);

/** Starts a savepoint after the previous one has ended: two concurrent ones would undo each other. */
export type InTurn = (begin: () => Promise<unknown>) => Promise<unknown>;

/**
 * Makes a knex without a driver or a pool of its own: it sends everything to `query`, and there is nothing to close. Its transactions are
 * savepoints, started `inTurn`; `null` means that it is outside a transaction, where it can only read and throws on `transaction`. knex
 * (some 300 modules) is loaded on the first call, so that neither a start on a current schema nor a request loads it.
 */
export function openKnex(dialect: Dialect, options: KnexOptions, query: RunQuery, inTurn: InTurn | null): Knex {
  const createKnex = require('knex') as typeof createKnexType;
  const silent = { warn: () => undefined, error: () => undefined, deprecate: () => undefined, debug: () => undefined };
  const knex = createKnex({
    ...options,
    client: dialect === 'sqlite' ? 'sqlite3' : 'pg', // without `connection`, knex only compiles SQL and loads no driver
    ...(dialect === 'sqlite' && { useNullAsDefault: true }),
    compileSqlOnError: false, // otherwise knex puts the values, hashes among them, into error messages
    log: silent,
  });
  const client = knex.client as Knex.Client; // knex types `client` as any
  client.initializeExternalPool(poolOf(dialect === 'sqlite' ? sqliteConnection(query) : postgresqlConnection(query)));
  const begin = client.transaction.bind(client);
  const transaction = inTurn && ((...args: Parameters<typeof begin>) => inTurn(async () => begin(...args)));
  // `transacting` tells knex that a transaction is a savepoint.
  Object.assign(client, { canCancelQuery: false, transacting: inTurn !== null, transaction: transaction ?? refuse });
  return knex;
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('knex outside a transaction only reads: use the transaction() of the database'));
}

/** A pool in knex's form: one connection, shared by any number of users. */
function poolOf(connection: object): Knex.TarnPoolLike {
  const none = (): number => 0;
  return {
    acquire: () => ({ promise: Promise.resolve(connection) }),
    release: () => true,
    destroy: () => Promise.resolve(),
    // knex recognizes by these methods a pool that needs no adapter.
    numFree: none,
    numUsed: none,
    numPendingAcquires: none,
  } as Knex.TarnPoolLike; // its type lists fewer methods than knex looks for
}

type Callback = (this: unknown, error: unknown, result?: unknown) => void;

/** The methods of sqlite3's Database that knex calls. */
function sqliteConnection(query: RunQuery): object {
  return {
    all(sql: string, values: readonly unknown[], done: Callback) {
      query(sql, values).then(
        ({ rows }) => done.call(null, null, rows),
        (error: unknown) => done.call(null, error),
      );
    },
    run(sql: string, values: readonly unknown[], done: Callback) {
      query(sql, values).then(
        ({ rowCount, lastId }) => done.call({ changes: rowCount, lastID: lastId }, null),
        (error: unknown) => done.call(null, error),
      );
    },
  };
}

/** The method of pg's Client that knex calls. */
function postgresqlConnection(query: RunQuery): object {
  return {
    query({ text, values = [] }: { text: string; values?: readonly unknown[] }, done: Callback) {
      query(text, values).then(
        (result) => done.call(null, null, result),
        (error: unknown) => done.call(null, error),
      );
    },
  };
}
