import { pbkdf2Sync } from 'node:crypto';
import { setPriority } from 'node:os';
import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashJob } from './jobs.ts';

/**
 * With this niceness, a hashing thread gets a quarter of a core that it shares with the server: refreshes stay fast, and logins still succeed. With 0,
 * refreshes take 2.5 times as long; with 19, logins starve. On a free core it has no effect.
 */
const NICENESS = 5;

// On Linux the call affects this thread only; elsewhere it would slow down the whole process.
if (process.platform === 'linux') lowerPriority();

/** Runs one job synchronously: the asynchronous functions would use libuv's pool, which the SQLite driver needs. */
export function runJob(job: HashJob): string | boolean {
  switch (job.kind) {
    case 'argon2id-hash':
      return hashSync(job.password, { memoryCost: job.memoryCost, timeCost: job.timeCost, parallelism: job.parallelism });
    case 'argon2id-verify':
      return matches(job.hash, job.password);
    case 'pbkdf2-sha256':
      return pbkdf2Sync(job.password, job.salt, job.iterations, job.length, 'sha256').toString('base64');
  }
}

function matches(hash: string, password: string): boolean {
  try {
    return verifySync(hash, password);
  } catch {
    return false; // it only throws for a hash that it cannot read
  }
}

function lowerPriority(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // A sandbox may forbid it.
  }
}
