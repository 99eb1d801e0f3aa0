import { pbkdf2Sync } from 'node:crypto';
import { setPriority } from 'node:os';
import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashJob } from './jobs.ts';

/**
 * On a core that it shares with the server, a hashing thread of this niceness gets a quarter of the time: refreshes keep their latency,
 * and logins still go through. (At 0 refreshes take 2.5 times as long, at 19 logins starve.) Where a core is free it changes nothing.
 */
const NICENESS = 5;

// On Linux the call is for this thread alone; elsewhere it would slow down the whole process.
if (process.platform === 'linux') lowerPriority();

/** Does one job, at once and synchronously: the asynchronous functions would run on libuv's pool, where the SQLite driver works. */
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
    return false; // all that it throws is about a hash that it cannot read
  }
}

function lowerPriority(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // a sandbox may forbid it; the work is the same
  }
}
