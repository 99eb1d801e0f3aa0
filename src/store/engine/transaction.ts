import type { Knex } from 'knex';
import type { Database } from './database.ts';
import type { Connection, Dialect, QueryResult } from './driver.ts';
import { DatabaseUnavailable } from './errors.ts';
import { openKnex, type KnexOptions, type RunQuery } from './knex.ts';
import { withinLimit } from './within-limit.ts';
import type { Row, Statement, Step, Value } from './statements.ts';

/** The maximum duration of a transaction, in milliseconds. On SQLite a transaction blocks every other writer, so a stuck one must be aborted. */
export const TRANSACTION_LIMIT = 15_000;

/** The dialect of the transaction's database, and its options for knex. */
export interface Ground {
  readonly dialect: Dialect;
  readonly knexOptions: KnexOptions;
}

/**
 * Runs `work` on the connection of a transaction, which its driver commits, or rolls back if this throws. `limit` in milliseconds; 0 for
 * none.
 * @throws what `work` throws; {DatabaseUnavailable} if `work` took too long, or if it caught a DatabaseUnavailable of a statement
 */
export async function runTransaction<Result>(
  connection: Connection,
  ground: Ground,
  work: (db: Database) => Promise<Result>,
  limit: number,
): Promise<Result> {
  const session = new Session(connection);
  const db = new TransactionDatabase(session, ground);
  try {
    const result = await withinLimit(work(db), limit, () => tooLong(limit));
    db.end();
    await session.settle();
    return result;
  } finally {
    db.end();
  }
}

/** The connection of a transaction, one statement at a time, since a pg connection cannot run several. */
class Session {
  readonly #connection: Connection;
  #last: Promise<unknown> = Promise.resolve();
  #broken: DatabaseUnavailable | null = null;
  #savepoints = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  run<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#use(use));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Waits for statements that `work` did not await. @throws {DatabaseUnavailable} if a statement threw it: SQLite has then already rolled back */
  async settle(): Promise<void> {
    await this.#last;
    this.assertSound();
  }

  assertSound(): void {
    if (this.#broken) throw this.#broken;
  }

  /** A name that no other savepoint of this transaction has. */
  nextSavepoint(): string {
    return `unit_${++this.#savepoints}`;
  }

  async #use<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    this.assertSound();
    try {
      return await use(this.#connection);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) this.#broken = error;
      throw error;
    }
  }
}

/** The database inside a transaction or a savepoint. Once that has ended, every call throws. */
class TransactionDatabase implements Database {
  readonly dialect: Dialect;
  readonly #session: Session;
  readonly #ground: Ground;
  readonly #outer: TransactionDatabase | null;
  #knex: Knex | null = null;
  #lastSavepoint: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(session: Session, ground: Ground, outer: TransactionDatabase | null = null) {
    this.dialect = ground.dialect;
    this.#session = session;
    this.#ground = ground;
    this.#outer = outer;
  }

  get knex(): Knex {
    const query: RunQuery = (sql, values) => this.#run((connection) => connection.query(sql, values));
    return (this.#knex ??= openKnex(this.dialect, this.#ground.knexOptions, query, (begin) => this.#inTurn(begin)));
  }

  /** A savepoint: if `work` throws, its changes are undone and the outer transaction can continue. */
  transaction<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => this.#savepoint(work));
  }

  exclusive<Result>(): Promise<Result> {
    return Promise.reject(new Error('a transaction cannot become exclusive'));
  }

  all(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.#run((connection) => connection.all(statement, values));
  }

  write(statement: Statement, values: readonly Value[]): Promise<Row[]> {
    return this.all(statement, values);
  }

  async writeUnit(steps: readonly Step[]): Promise<Row[][]> {
    if (steps.length > 1) return this.transaction((db) => runInOrder(db, steps));
    return runInOrder(this, steps);
  }

  async query(sql: string, values: readonly Value[]): Promise<Row[]> {
    return (await this.#execute(sql, values)).rows;
  }

  async ping(): Promise<void> {
    this.#session.assertSound();
    this.#assertOpen();
  }

  close(): Promise<void> {
    return Promise.reject(new Error('a transaction cannot close the database'));
  }

  end(): void {
    this.#ended = true;
  }

  #inTurn<Result>(begin: () => Promise<Result>): Promise<Result> {
    const result = this.#lastSavepoint.then(begin);
    this.#lastSavepoint = result.catch(() => undefined);
    return result;
  }

  async #savepoint<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    const name = this.#session.nextSavepoint();
    await this.#execute(`SAVEPOINT ${name}`);
    const db = new TransactionDatabase(this.#session, this.#ground, this);
    try {
      const result = await work(db);
      db.end();
      await this.#execute(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      db.end();
      await this.#execute(`ROLLBACK TO SAVEPOINT ${name}`);
      throw error;
    }
  }

  #execute(sql: string, values: readonly Value[] = []): Promise<QueryResult> {
    return this.#run((connection) => connection.query(sql, values));
  }

  #run<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#session.run((connection) => {
      this.#assertOpen();
      return use(connection);
    });
  }

  #assertOpen(): void {
    if (this.#ended) throw new Error('the transaction is over: something in it was not awaited');
    if (this.#outer) this.#outer.#assertOpen();
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
