import { createRequire } from 'node:module';
import type createKnexType from 'knex';
import type { Knex } from 'knex';
import type { Dialect, QueryResult } from './driver.ts';

/** What the setting DATABASE says for knex beyond client, connection and pool. */
export type KnexOptions = Readonly<Record<string, unknown>>;

/** Runs SQL that knex has built. */
export type RunQuery = (sql: string, values: readonly unknown[]) => Promise<QueryResult>;

const require = createRequire(import.meta.url);

/** Begins a savepoint after the one before is over: of two at once, each would undo the other. */
export type InTurn = (begin: () => Promise<unknown>) => Promise<unknown>;

/**
 * Makes a knex that has neither driver nor pool, but runs on `query`; there is nothing to close.
 * Its own transactions are savepoints, begun `inTurn`; `null`: it is outside a transaction, where it only reads, and they are refused.
 * Loads knex, some 300 modules, when it is first called: neither a start on a current schema nor a request needs it.
 */
export function openKnex(dialect: Dialect, options: KnexOptions, query: RunQuery, inTurn: InTurn | null): Knex {
  const createKnex = require('knex') as typeof createKnexType;
  const silent = { warn: () => undefined, error: () => undefined, deprecate: () => undefined, debug: () => undefined };
  const knex = createKnex({
    ...options,
    client: dialect === 'sqlite' ? 'sqlite3' : 'pg', // without `connection` it compiles SQL only, and loads no driver
    ...(dialect === 'sqlite' && { useNullAsDefault: true }),
    compileSqlOnError: false, // knex would put the values into the messages of errors, hashes among them
    log: silent,
  });
  const client = knex.client as Knex.Client; // knex types `client` as any
  client.initializeExternalPool(poolOf(dialect === 'sqlite' ? sqliteConnection(query) : postgresqlConnection(query)));
  const begin = client.transaction.bind(client);
  const transaction = inTurn && ((...args: Parameters<typeof begin>) => inTurn(async () => begin(...args)));
  // By `transacting` knex knows that a transaction is a savepoint.
  Object.assign(client, { canCancelQuery: false, transacting: inTurn !== null, transaction: transaction ?? refuse });
  return knex;
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('knex outside a transaction only reads: use the transaction() of the database'));
}

/** A pool, as knex takes one, with one connection for any number of users at once. */
function poolOf(connection: object): Knex.TarnPoolLike {
  const none = (): number => 0;
  return {
    acquire: () => ({ promise: Promise.resolve(connection) }),
    release: () => true,
    destroy: () => Promise.resolve(),
    // By these knex recognizes a pool that needs no adapter.
    numFree: none,
    numUsed: none,
    numPendingAcquires: none,
  } as Knex.TarnPoolLike; // which lists fewer methods than knex looks for
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
