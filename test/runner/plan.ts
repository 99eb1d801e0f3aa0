import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CHECKOUT } from '../support/program.ts';
import type { Finished, Job } from './job.ts';

/** Searches the logs of all other files, so it comes last, and after a whole run alone. */
export const LAST = 'test/no-secrets.test.ts';

/** What a page shows does not depend on the database: what it asks the server for is tested on each. */
const ON_SQLITE_ALONE = /^test\/(examples|admin-ui)\//;

/** How long each file took the last time, by `keyOf`; seconds. */
const TIMES = join(CHECKOUT, 'dist/test-times.json');

/** Seconds assumed for a file that was never run here. */
const UNKNOWN = 4;

/** The files in the wanted paths, and those whose paths contain a wanted text; all if nothing is named. Each on each of the databases that they are for; longest first. */
export function planJobs(wanted: readonly string[], databases: readonly Job['database'][]): Job[] {
  const files = readdirSync(join(CHECKOUT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name}`)
    .filter((file) => file.endsWith('.test.ts') && file !== LAST)
    .filter((file) => wanted.length === 0 || wanted.some((text) => isWanted(file, text)));
  const times = readTimes();
  const timeOf = (job: Job): number => times[keyOf(job)] ?? Infinity;
  return databases
    .flatMap((database) => files.filter((file) => database === 'SQLite' || runsServers(file)).map((file) => ({ file, database })))
    .sort((one, other) => timeOf(other) - timeOf(one) || (one.file < other.file ? -1 : 1));
}

/** How long the jobs will take (seconds) when so many run at the same time; `measured`: whether most of them ran here before. */
export function estimate(jobs: readonly Job[], places: number): { seconds: number; measured: boolean } {
  const times = readTimes();
  const known = jobs.flatMap((job) => times[keyOf(job)] ?? []);
  const sum = known.reduce((total, seconds) => total + seconds, (jobs.length - known.length) * UNKNOWN);
  return { seconds: Math.max(sum / places, ...known), measured: known.length > jobs.length / 2 };
}

/** Remembers how long files that passed took. */
export function keepTimes(finished: readonly Finished[]): void {
  const passed = finished.filter(({ failures }) => failures.length === 0);
  const times = { ...readTimes(), ...Object.fromEntries(passed.map(({ job, seconds }) => [keyOf(job), Number(seconds.toFixed(1))])) };
  writeFileSync(TIMES, JSON.stringify(times, null, 1));
}

/** Whether a file is or lies in what the text names, or has the text in its path. */
function isWanted(file: string, text: string): boolean {
  const path = relative(CHECKOUT, resolve(text));
  return existsSync(resolve(text)) ? file === path || file.startsWith(`${path}/`) : file.includes(text);
}

/** Whether whole servers are tested, which run on both databases; other files choose their databases themselves. */
function runsServers(file: string): boolean {
  return !ON_SQLITE_ALONE.test(file) && /support\/server\.ts|'\.\/support\.ts'/.test(readFileSync(join(CHECKOUT, file), 'utf8'));
}

function keyOf({ file, database }: Job): string {
  return `${file} ${database}`;
}

function readTimes(): Record<string, number> {
  return existsSync(TIMES) ? (JSON.parse(readFileSync(TIMES, 'utf8')) as Record<string, number>) : {};
}
