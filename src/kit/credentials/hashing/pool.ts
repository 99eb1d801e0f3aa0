import { availableParallelism } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type { HashJob, HashResult } from './jobs.ts';

/** Hashing threads: one core is left for everything else. Each uses about 8 MiB, and the memory of a job while it runs. */
export const HASHING_THREADS = Math.min(Math.max(availableParallelism() - 1, 1), 8);

/** Maximum jobs that wait for a thread: about a second of work with the default costs of argon2id. */
export const HASHING_QUEUE = 64 * HASHING_THREADS;

/** Milliseconds that an idle thread is kept; starting one takes about 40. */
const IDLE_TIMEOUT = 60_000;

/** Too many passwords wait to be hashed; the client gets 503 with Retry-After. */
export class Overloaded extends Error {
  /** Seconds. */
  readonly retryAfter = 2;

  constructor() {
    super('too many passwords to hash at once');
    this.name = 'Overloaded';
  }
}

type Threads = Piscina<HashJob, string | boolean>;

interface Pool {
  readonly threads: Promise<Threads>;
  /** Rejects each job that has no result yet. */
  readonly pending: Set<(error: unknown) => void>;
  /** Set by `closeHashing`; called when the last job has its result. */
  drained: (() => void) | null;
}

/** The pool of this process. */
let current: Pool | null = null;

/**
 * Runs a job in a worker thread, so that it blocks neither the event loop nor libuv's pool, where the SQLite driver runs its statements.
 * Threads start with the first jobs, end when idle, and do not keep the process running.
 * @throws {Overloaded} if too many jobs are waiting
 */
export async function hashInWorker<Job extends HashJob>(job: Job): Promise<HashResult<Job>> {
  const pool = (current ??= startPool());
  if (pool.pending.size >= HASHING_THREADS + HASHING_QUEUE) throw new Overloaded();
  const result = await runIn(pool, job);
  return result as HashResult<Job>; // `runJob` returns this type for each kind; messages between threads are not typed
}

/** The jobs without a result, and the number from which further ones are refused. */
export function hashingLoad(): { jobs: number; limit: number } {
  return { jobs: current?.pending.size ?? 0, limit: HASHING_THREADS + HASHING_QUEUE };
}

/** Ends the threads after their current jobs. A later job starts new threads. */
export async function closeHashing(): Promise<void> {
  const pool = current;
  if (!pool) return;
  current = null;
  if (pool.pending.size > 0) await new Promise<void>((resolve) => (pool.drained = resolve));
  await (await pool.threads).destroy();
}

function startPool(): Pool {
  const pool: Pool = { threads: startThreads(), pending: new Set(), drained: null };
  const fail = (error: unknown): void => {
    if (current === pool) current = null;
    for (const refuse of pool.pending) refuse(error);
  };
  // A thread that dies without a job, usually at its start, would leave the waiting jobs without a result.
  const watch = (threads: Threads): void => {
    threads.on('error', (error: unknown) => {
      fail(error);
      void threads.destroy();
    });
  };
  pool.threads.then(watch, fail);
  return pool;
}

/** Loads piscina with the first job, so that the server starts faster. */
async function startThreads(): Promise<Threads> {
  const { Piscina } = await import('piscina');
  const here = fileURLToPath(import.meta.url);
  return new Piscina<HashJob, string | boolean>({
    filename: join(dirname(here), `worker${extname(here)}`), // .ts from sources, .js when built
    name: 'runJob',
    execArgv: loaderFlags(process.execArgv),
    minThreads: 0,
    maxThreads: HASHING_THREADS,
    idleTimeout: IDLE_TIMEOUT,
    stricterFIFO: true,
    recordTiming: false,
  });
}

function runIn(pool: Pool, job: HashJob): Promise<string | boolean> {
  return new Promise((resolve, reject) => {
    pool.pending.add(reject);
    const done = (): void => {
      pool.pending.delete(reject);
      if (pool.pending.size === 0) pool.drained?.();
    };
    void pool.threads
      .then((threads) => threads.run(job))
      .then(resolve, reject)
      .finally(done);
  });
}

/** The flags of this process that affect module loading. Others may keep a worker from starting (`--input-type`). */
function loaderFlags(flags: readonly string[]): string[] {
  return flags.flatMap((flag, index) => {
    if (!/^(?:--import|--require|-r|--conditions|-C|--loader|--experimental-loader)(?:=|$)/.test(flag)) return [];
    return flag.includes('=') ? [flag] : [flag, flags[index + 1] ?? ''];
  });
}
