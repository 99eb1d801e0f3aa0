// Runs the tests: all files, those of whole servers on PostgreSQL too, and last the search of all logs for secrets. `npm test -- --help` says how.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabases, dropDatabases } from './runner/databases.ts';
import { roomyFolder } from './runner/folder.ts';
import { endJobs, runJob, type Finished, type Job } from './runner/job.ts';
import { estimate, keepTimes, LAST, planJobs } from './runner/plan.ts';
import { Progress } from './runner/progress.ts';
import { withoutPostgresql } from './support/without-postgresql.ts';

const HELP = `npm test -- [PATH...] [options]

PATH            A test file, a folder of them, or a part of their paths: test/login/stages.test.ts, test/login, keys-
--name PATTERN  Only the tests whose name matches this regular expression
--database X    Only on sqlite, or only on postgresql
--jobs N        How many files run at the same time; default: one more than there are cores
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean' },
    name: { type: 'string' },
    database: { type: 'string' },
    jobs: { type: 'string', default: `${availableParallelism() + 1}` },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const databases = (['SQLite', 'PostgreSQL'] as const).filter((each) => !values.database || each.toLowerCase() === values.database);
  const available = databases.filter((each) => each === 'SQLite' || withoutPostgresql === false);
  const jobs = planJobs(positionals, available);
  if (jobs.length === 0) {
    console.error(`No test file has ${positionals.join(' or ')} in its path.`);
    return 1;
  }
  const places = Math.min(Number(values.jobs), jobs.length);
  announce(jobs, places);
  const folder = mkdtempSync(join(roomyFolder(), 'allauth-run-'));
  mkdirSync(join(folder, 'tmp'));
  const cleanUp = async (): Promise<void> => {
    rmSync(folder, { recursive: true, force: true });
    await dropDatabases();
  };
  const end = (): void => {
    endJobs();
    void cleanUp().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    await createDatabases(places);
    const finished = await runAll(jobs, places, folder);
    keepTimes(finished);
    return summarize(finished, databases.length > available.length);
  } finally {
    await cleanUp();
  }
}

function announce(jobs: readonly Job[], places: number): void {
  const count = (database: Job['database']): number => jobs.filter((job) => job.database === database).length;
  const { seconds, measured } = estimate(jobs, places);
  const time = seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
  console.log(`${count('SQLite')} files on SQLite, ${count('PostgreSQL')} on PostgreSQL, ${places} at a time.`);
  console.log(measured ? `They took about ${time} the last time.\n` : `They will take about ${time}; the next run knows better.\n`);
}

async function runAll(jobs: readonly Job[], places: number, folder: string): Promise<Finished[]> {
  const whole = positionals.length === 0 && values.name === undefined;
  const progress = new Progress(jobs.length + (whole ? 1 : 0));
  const flags = values.name === undefined ? [] : ['--test-name-pattern', values.name];
  const finished: Finished[] = [];
  const run = async (job: Job, slot: number): Promise<void> => {
    progress.begin(job);
    const result = await runJob(job, slot, folder, flags);
    finished.push(result);
    progress.end(result);
  };
  const waiting = [...jobs];
  const work = async (slot: number): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await run(job, slot);
  };
  await Promise.all(Array.from({ length: places }, (_, slot) => work(slot)));
  if (whole) await run({ file: LAST, database: 'SQLite' }, 0);
  progress.close();
  return finished;
}

/** Prints why tests were skipped, what failed, and the counts. Returns the exit code. */
function summarize(finished: readonly Finished[], skippedPostgresql: boolean): number {
  const reasons = new Map<string, number>();
  for (const { reason } of finished.flatMap(({ skipped }) => skipped)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (const [reason, count] of reasons) console.log(`Skipped ${count}: ${reason}`);
  if (skippedPostgresql) console.log(`Skipped whole servers on PostgreSQL: ${String(withoutPostgresql)}`);
  for (const { job, failures } of finished) for (const { name } of failures) console.log(`FAILED ${job.file} (${job.database}): ${name}`);
  const sum = (numberOf: (each: Finished) => number): number => finished.reduce((total, each) => total + numberOf(each), 0);
  const passed = sum(({ counts }) => counts.pass);
  const failed = sum(({ failures }) => failures.length);
  console.log(`\n${passed} passed, ${failed} failed, ${sum(({ counts }) => counts.skipped)} skipped`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
