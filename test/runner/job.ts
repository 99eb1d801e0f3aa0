import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadedFile, NODE_FLAGS } from '../support/program.ts';
import { withoutPostgresql } from '../support/without-postgresql.ts';
import { databaseUrl } from './databases.ts';
import { readReport, type Report } from './report.ts';

/** One test file on one database. */
export interface Job {
  /** From the checkout: `test/login/login.test.ts`. */
  readonly file: string;
  readonly database: 'SQLite' | 'PostgreSQL';
}

export interface Finished extends Report {
  readonly job: Job;
  readonly seconds: number;
  /** What the process wrote. */
  readonly output: string;
}

/** Seconds after which a file counts as hanging; the slowest takes one minute on two cores. */
const LIMIT = 900;

const running = new Set<ChildProcess>();

/** Runs the job in a process; `slot` is the number of the place it takes among those that run at the same time. */
export async function runJob(job: Job, slot: number, folder: string, flags: readonly string[]): Promise<Finished> {
  const started = performance.now();
  const destination = join(folder, `report-${slot}`);
  const reporter = ['--test-reporter', loadedFile('test/runner/reporter.ts'), '--test-reporter-destination', destination];
  const child = spawn(process.execPath, [...NODE_FLAGS, '--enable-source-maps', ...reporter, ...flags, loadedFile(job.file)], {
    env: { ...process.env, ...environmentOf(job, slot, folder) },
    detached: true, // a group, so that whatever it started ends with it
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => endGroup(child), LIMIT * 1000);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  running.delete(child);
  endGroup(child);
  const report = existsSync(destination) ? readReport(destination) : readReport('/dev/null');
  if (!report.complete || (code !== 0 && report.failures.length === 0)) {
    const how = code === null ? `was ended after ${LIMIT} s, or by a signal` : `ended with ${code}`;
    report.failures.push({ name: 'the file', error: `The process ${how}.` });
  }
  return { ...report, job, output, seconds: (performance.now() - started) / 1000 };
}

/** Ends the files that run, and all that they have started. */
export function endJobs(): void {
  for (const child of running) endGroup(child);
}

function environmentOf({ database }: Job, slot: number, folder: string): Record<string, string> {
  return {
    ALLAUTH_TEST_RUN: folder,
    ...(withoutPostgresql === false && { ALLAUTH_TEST_POSTGRESQL: databaseUrl(slot), ALLAUTH_TEST_KEEP_SCHEMAS: '1' }),
    ...(database === 'PostgreSQL' && { ALLAUTH_TEST_DATABASE: databaseUrl(slot) }),
    TMPDIR: join(folder, 'tmp'),
  };
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
