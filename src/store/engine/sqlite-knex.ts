import { createRequire } from 'node:module';
import type createKnexType from 'knex';
import type { Knex } from 'knex';
import type SqliteTransactionType from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js';
import type SqliteDialectType from 'knex/lib/dialects/sqlite3/index.js';
import sqlite3 from 'sqlite3';
import { DatabaseUnavailable, translate } from './errors.ts';
import type { Slot } from './sqlite-file.ts';
import type { SqliteWriter } from './sqlite-writer.ts';

/** Where knex has the connection from that it reads on, outside of transactions. */
export interface Lender {
  acquire(): Promise<sqlite3.Database>;
  release(): void;
  /** The connection met `DatabaseUnavailable`. */
  doubt(connection: unknown): Promise<void>;
}

/** The only connection of a database in memory: to one reader at a time. */
export class MemoryLender implements Lender {
  readonly #writer: SqliteWriter;
  #done: () => void = () => undefined;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  acquire(): Promise<sqlite3.Database> {
    return new Promise((resolve, reject) => {
      const lent = this.#writer.lend(({ raw }) => {
        resolve(raw);
        return new Promise<void>((done) => (this.#done = done));
      });
      lent.catch(reject);
    });
  }

  release(): void {
    this.#done();
  }

  async doubt(): Promise<void> {}
}

/** The connection to a file that is there for the query builder; it takes any number of readers. */
export class FileLender implements Lender {
  readonly #slot: Slot;

  constructor(slot: Slot) {
    this.#slot = slot;
  }

  async acquire(): Promise<sqlite3.Database> {
    return (await this.#slot.get()).raw;
  }

  release(): void {}

  async doubt(connection: unknown): Promise<void> {
    if (this.#slot.current?.raw === connection) await this.#slot.close();
  }
}

const require = createRequire(import.meta.url);

/**
 * A knex without a pool of its own: it reads on what is lent to it, and its transactions are given their connection.
 * Loads knex, some 300 modules, when it is first called: neither a start on a current schema nor the hot paths need it.
 */
export function openKnex(lender: Lender): Knex {
  const createKnex = require('knex') as typeof createKnexType;
  const SqliteDialect = require('knex/lib/dialects/sqlite3/index.js') as typeof SqliteDialectType;
  const SqliteTransaction = require('knex/lib/dialects/sqlite3/execution/sqlite-transaction.js') as typeof SqliteTransactionType;

  class ImmediateTransaction extends SqliteTransaction {
    /** A transaction that reads before it writes would else fail at once when another process has written meanwhile. */
    override begin(connection: unknown): Promise<unknown> {
      return this.query(connection, 'BEGIN IMMEDIATE');
    }
  }

  class LentSqlite extends SqliteDialect {
    override _driver(): unknown {
      return sqlite3;
    }

    override acquireConnection(): Promise<unknown> {
      return lender.acquire();
    }

    override async releaseConnection(): Promise<void> {
      lender.release();
    }

    override async _query(connection: unknown, query: unknown): Promise<unknown> {
      try {
        return await super._query(connection, query);
      } catch (error) {
        const translated = translate(error);
        if (translated instanceof DatabaseUnavailable) await lender.doubt(connection);
        throw translated;
      }
    }

    override transaction(container: unknown, config: unknown, outer: unknown): Knex.Transaction {
      // knex types what `transaction` gives as the transaction itself; it is the object that makes one.
      return new ImmediateTransaction(this, container, config, outer) as unknown as Knex.Transaction;
    }
  }

  const silent = { warn: () => undefined, error: () => undefined, deprecate: () => undefined, debug: () => undefined };
  return createKnex({
    client: LentSqlite,
    connection: { filename: ':memory:' }, // never opened
    pool: { min: 0, max: 0 },
    useNullAsDefault: true,
    compileSqlOnError: false, // knex would put the values into the messages of errors, hashes among them
    log: silent,
  });
}
