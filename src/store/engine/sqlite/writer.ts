import { DatabaseUnavailable, isConstraint } from '../errors.ts';
import type { SqliteConnection } from './connection.ts';
import type { Row, Step } from '../statements.ts';

/** Where the connection comes from: opened when it is first needed, and anew after it was dropped. */
export interface ConnectionSource {
  get(): Promise<SqliteConnection>;
  /** The connection is in doubt: the next `get` opens another one. */
  drop(): Promise<void>;
}

/** A few statements of which all are kept, or none. */
interface Unit {
  readonly steps: readonly Step[];
  resolve(rows: Row[][]): void;
  reject(error: unknown): void;
}

/** Somebody who wants the connection for himself for a while. Settles nothing but his own promise, never throws. */
interface Lease {
  use(source: ConnectionSource): Promise<void>;
}

type Outcome = { unit: Unit; rows: Row[][] } | { unit: Unit; error: unknown };

/** Units in one commit at most, so that the first of them does not wait for ever. */
const BATCH = 64;

/**
 * All that writes to a SQLite database in this process, in the order of arrival, on one connection. Units that wait at the same
 * time share one transaction, since a durable commit costs an fsync, and each is answered after it; a lease has the connection alone.
 */
export class SqliteWriter {
  readonly #source: ConnectionSource;
  #queue: (Unit | Lease)[] = [];
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(source: ConnectionSource) {
    this.#source = source;
  }

  /** Runs the steps as one atomic unit; settles after the commit. Gives the rows of each step. */
  write(steps: readonly Step[]): Promise<Row[][]> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ steps, resolve, reject }, reject);
    });
  }

  /** Lends the connection to `work` alone. After an error that leaves the connection in doubt it is not used again. */
  lend<Result>(work: (connection: SqliteConnection) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const use = async (source: ConnectionSource): Promise<void> => {
        try {
          resolve(await this.#lendSafely(source, work));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#enqueue({ use }, reject);
    });
  }

  /** Refuses what comes from now on; waits for what has come before. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #enqueue(task: Unit | Lease, reject: (error: unknown) => void): void {
    if (this.#closed) return reject(new DatabaseUnavailable('the database is closed'));
    this.#queue.push(task);
    this.#running ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Requests that were read from their sockets in the same turn of the event loop share the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      if ('steps' in head) await this.#commitTogether();
      else {
        this.#queue.shift();
        await head.use(this.#source);
      }
    }
    this.#running = null;
  }

  /** The next unit, unless a lease comes first. */
  #nextUnit(): Unit | undefined {
    const head = this.#queue[0];
    if (!head || !('steps' in head)) return undefined;
    this.#queue.shift();
    return head;
  }

  #takeWaiting(): Unit[] {
    const units: Unit[] = [];
    for (let unit = this.#nextUnit(); unit; unit = this.#nextUnit()) units.push(unit);
    return units;
  }

  async #commitTogether(): Promise<void> {
    const taken: Unit[] = [];
    try {
      const connection = await this.#source.get();
      await connection.all('BEGIN IMMEDIATE', []);
      const outcomes = await this.#runBatch(connection, taken);
      if (!outcomes) {
        await connection.rollback();
        for (const unit of taken) await this.#commitAlone(unit);
        return;
      }
      await connection.all('COMMIT', []);
      outcomes.forEach(settle);
    } catch (error) {
      await this.#source.drop();
      // Where it failed before the first unit was taken, all fail that have waited for it: each would wait as long again.
      const failed = taken.length > 0 ? taken : this.#takeWaiting();
      for (const unit of failed) unit.reject(error);
    }
  }

  /**
   * Runs units one after the other, those too that come meanwhile, and notes them in `taken`.
   * `null`: one failed in its middle, so the batch must be undone. @throws {DatabaseUnavailable}
   */
  async #runBatch(connection: SqliteConnection, taken: Unit[]): Promise<Outcome[] | null> {
    const outcomes: Outcome[] = [];
    while (taken.length < BATCH) {
      const unit = this.#nextUnit();
      if (!unit) break;
      taken.push(unit);
      const rows: Row[][] = [];
      try {
        for (const { statement, values } of unit.steps) rows.push(await connection.all(statement.sqlite, values));
        outcomes.push({ unit, rows });
      } catch (error) {
        if (error instanceof DatabaseUnavailable) throw error;
        // A constraint undoes its own statement only: with nothing before it in the unit, that is all there is to undo.
        if (rows.length > 0 || !isConstraint(error)) return null;
        outcomes.push({ unit, error });
      }
    }
    return outcomes;
  }

  async #commitAlone(unit: Unit): Promise<void> {
    try {
      const connection = await this.#source.get();
      const rows: Row[][] = [];
      await connection.all('BEGIN IMMEDIATE', []);
      for (const { statement, values } of unit.steps) rows.push(await connection.all(statement.sqlite, values));
      await connection.all('COMMIT', []);
      unit.resolve(rows);
    } catch (error) {
      await this.#recover(error);
      unit.reject(error);
    }
  }

  async #lendSafely<Result>(source: ConnectionSource, work: (connection: SqliteConnection) => Promise<Result>): Promise<Result> {
    const connection = await source.get();
    try {
      return await work(connection);
    } catch (error) {
      await this.#recover(error);
      throw error;
    }
  }

  /** Makes sure that no transaction is left open. */
  async #recover(error: unknown): Promise<void> {
    if (error instanceof DatabaseUnavailable) return this.#source.drop();
    try {
      await (await this.#source.get()).rollback();
    } catch {
      await this.#source.drop();
    }
  }
}

function settle(outcome: Outcome): void {
  if ('rows' in outcome) outcome.unit.resolve(outcome.rows);
  else outcome.unit.reject(outcome.error);
}
