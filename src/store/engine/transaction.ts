import type { Knex } from 'knex';
import type { Database } from './database.ts';
import { DatabaseUnavailable } from './errors.ts';
import { withinLimit } from './within-limit.ts';
import type { Row, Statement, Step, Value } from './statements.ts';

/** Runs a prepared statement on the connection that a transaction holds. */
export type Run = (statement: Statement, values: readonly Value[]) => Promise<Row[]>;

/** Longest life of an interactive transaction, in milliseconds. It holds up every other writer of SQLite, so a stuck one must not live on. */
export const TRANSACTION_LIMIT = 15_000;

/**
 * Runs `work` in a transaction of knex on `connection`, which nobody else uses meanwhile. `limit` in milliseconds; 0: none.
 * @throws what `work` throws, after the rollback; what BEGIN or COMMIT threw
 */
export async function runTransaction<Result>(
  knex: Knex,
  connection: object,
  run: Run,
  work: (db: Database) => Promise<Result>,
  limit: number,
): Promise<Result> {
  const failures: unknown[] = [];
  const container = async (trx: Knex.Transaction): Promise<Result> => {
    // knex goes on to the work when BEGIN failed; every statement would then commit by itself.
    if (trx.isCompleted()) throw new Error('the transaction did not begin');
    const db = new TransactionDatabase(trx, run, {});
    try {
      const result = await withinLimit(work(db), limit, () => tooLong(limit));
      db.assertSound();
      return result;
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  try {
    return await knex.transaction(container, { connection });
  } catch (error) {
    // A rollback may fail itself, since SQLite has rolled back already on a full disk: the first error is the one that tells.
    throw failures.length > 0 ? failures[0] : error;
  }
}

/** The database inside a transaction. Once the transaction is over, or the database has gone away in it, it refuses everything. */
class TransactionDatabase implements Database {
  readonly dialect: Database['dialect'];
  readonly knex: Knex.Transaction;
  readonly #run: Run;
  /** Shared with the savepoints inside it. */
  readonly #state: { broken?: DatabaseUnavailable };
  #last: Promise<unknown> = Promise.resolve();

  constructor(trx: Knex.Transaction, run: Run, state: { broken?: DatabaseUnavailable }) {
    this.dialect = (trx.client as Knex.Client).dialect === 'sqlite3' ? 'sqlite' : 'postgresql'; // knex types `client` as any
    this.knex = trx;
    this.#run = run;
    this.#state = state;
  }

  /** @throws {DatabaseUnavailable} where a statement met it, though the work may have caught it: SQLite has rolled back by then. */
  assertSound(): void {
    if (this.#state.broken) throw this.#state.broken;
  }

  /** A savepoint: what `work` did is undone when it throws, and the outer transaction may go on. */
  async transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    return this.knex.transaction(async (trx) => work(new TransactionDatabase(trx, this.#run, this.#state)));
  }

  exclusive<Result>(): Promise<Result> {
    return Promise.reject(new Error('a transaction cannot become exclusive'));
  }

  /** One after the other: a connection of pg takes one statement at a time. */
  all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    const rows = this.#last.then(() => this.#runOpen(statement, values));
    this.#last = rows.catch(() => undefined);
    return rows;
  }

  write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.all(statement, values);
  }

  async writeUnit(steps: readonly Step[]): Promise<Row[][]> {
    if (steps.length > 1) return this.transaction((db) => runInOrder(db, steps));
    return runInOrder(this, steps);
  }

  async ping(): Promise<void> {
    this.#assertOpen();
  }

  close(): Promise<void> {
    return Promise.reject(new Error('a transaction cannot close the database'));
  }

  async #runOpen(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    this.#assertOpen();
    try {
      return await this.#run(statement, values);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) this.#state.broken = error;
      throw error;
    }
  }

  #assertOpen(): void {
    this.assertSound();
    if (this.knex.isCompleted()) throw new Error('the transaction is over: something in it was not awaited');
  }
}

async function runInOrder(db: Database, steps: readonly Step[]): Promise<Row[][]> {
  const rows: Row[][] = [];
  for (const { statement, values } of steps) rows.push(await db.write(statement, values));
  return rows;
}

function tooLong(limit: number): DatabaseUnavailable {
  return new DatabaseUnavailable(
    `a transaction took more than ${limit / 1000} s and was rolled back; does it wait for the database outside of it, or for the network?`,
  );
}
