import { availableParallelism } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import type { HashJob, HashResult } from './jobs.ts';

/** Threads that hash: a core is left for everything else. Each takes about 8 MiB while it lives, and a job's memory while it runs. */
export const HASHING_THREADS = Math.min(Math.max(availableParallelism() - 1, 1), 8);

/** Jobs that may wait for a thread: with argon2id's default costs about a second's work. */
export const HASHING_QUEUE = 64 * HASHING_THREADS;

/** Milliseconds that a thread without work is kept; starting one takes about 40 of them. */
const IDLE_TIMEOUT = 60_000;

/** More passwords are to be hashed than there are threads and places to wait; for the client a 503 with Retry-After. */
export class Overloaded extends Error {
  /** Seconds after which trying again makes sense. */
  readonly retryAfter = 2;

  constructor() {
    super('too many passwords to hash at once');
    this.name = 'Overloaded';
  }
}

type Threads = Piscina<HashJob, string | boolean>;

interface Pool {
  readonly threads: Promise<Threads>;
  /** How to refuse each job that has no answer yet. */
  readonly pending: Set<(error: unknown) => void>;
  /** Set by `closeHashing`: called when the last job has its answer. */
  drained: (() => void) | null;
}

/** One for the process: it is cores that it shares out. */
let current: Pool | null = null;

/**
 * Does a job in a worker thread, off the event loop and off libuv's pool, where the SQLite driver does its statements.
 * Threads start with the first jobs, end when idle, and do not keep the process running.
 * @throws {Overloaded} where too many jobs wait already
 */
export async function hashInWorker<Job extends HashJob>(job: Job): Promise<HashResult<Job>> {
  const pool = (current ??= startPool());
  if (pool.pending.size >= HASHING_THREADS + HASHING_QUEUE) throw new Overloaded();
  const result = await runIn(pool, job);
  return result as HashResult<Job>; // `runJob` answers each kind with its type, which does not survive the way between threads
}

/** Jobs that have no answer yet, and from how many on more are refused. */
export function hashingLoad(): { jobs: number; limit: number } {
  return { jobs: current?.pending.size ?? 0, limit: HASHING_THREADS + HASHING_QUEUE };
}

/** Ends the threads once the jobs that are under way have their answers. A job that comes later starts new ones. */
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
  // A thread that died without a job, mostly while starting: nothing else would answer the jobs that wait for it.
  const watch = (threads: Threads): void => {
    threads.on('error', (error: unknown) => {
      fail(error);
      void threads.destroy();
    });
  };
  pool.threads.then(watch, fail);
  return pool;
}

/** Loads what makes threads with the first job: a server starts faster without. */
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

/** Of the flags of this process those that say how modules are found; of others some would keep a worker from starting (`--input-type`). */
function loaderFlags(flags: readonly string[]): string[] {
  return flags.flatMap((flag, index) => {
    if (!/^(?:--import|--require|-r|--conditions|-C|--loader|--experimental-loader)(?:=|$)/.test(flag)) return [];
    return flag.includes('=') ? [flag] : [flag, flags[index + 1] ?? ''];
  });
}
