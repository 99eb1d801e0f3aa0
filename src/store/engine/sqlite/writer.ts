import { DatabaseUnavailable, isConstraint } from '../errors.ts';
import type { SqliteConnection } from './connection.ts';
import type { Row, Step } from '../statements.ts';

/** Provides the connection: opened when it is first needed, and again after it was dropped. */
export interface ConnectionSource {
  get(): Promise<SqliteConnection>;
  /** Discards the connection after an error that leaves its state unknown: the next `get` opens a new one. */
  drop(): Promise<void>;
}

/** Several statements that are kept or rolled back together. */
interface Unit {
  readonly steps: readonly Step[];
  resolve(rows: Row[][]): void;
  reject(error: unknown): void;
}

/** A caller that needs exclusive use of the connection. `run` settles only its own promise and never throws. */
interface Lease {
  use(source: ConnectionSource): Promise<void>;
}

type Outcome = { unit: Unit; rows: Row[][] } | { unit: Unit; error: unknown };

/** The maximum number of units in a commit, so that the first one does not wait forever. */
const BATCH = 64;

/**
 * Runs all writes to a SQLite database in this process, in the order of arrival, on one connection. Units that wait at the same time share
 * one transaction, since a durable commit costs an fsync; each is answered after the commit. A lease has the connection to itself.
 */
export class SqliteWriter {
  readonly #source: ConnectionSource;
  #queue: (Unit | Lease)[] = [];
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(source: ConnectionSource) {
    this.#source = source;
  }

  /** Runs the steps as one atomic unit; settles after the commit. Returns the rows of each step. */
  write(steps: readonly Step[]): Promise<Row[][]> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ steps, resolve, reject }, reject);
    });
  }

  /** Lends the connection to `work` exclusively. After an error that leaves its state unknown, it is discarded. */
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

  /** Rejects new work and waits for running work. */
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
      // If it failed before the first unit was taken, all waiting units fail, since each would wait just as long.
      const failed = taken.length > 0 ? taken : this.#takeWaiting();
      for (const unit of failed) unit.reject(error);
    }
  }

  /**
   * Runs units one after the other, including those that arrive while it runs, and adds them to `taken`. `null` if one failed halfway, so
   * that the batch must be rolled back. @throws {DatabaseUnavailable}
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
        // A constraint rolls back only its own statement. If that was the first of the unit, nothing else has to be undone.
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

  /** Ensures that no transaction stays open. */
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
