import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { planJobs } from '../runner/plan.ts';
import { attempt } from './attempt.ts';
import { inParallel } from './in-parallel.ts';

/** A test file, and which mutants it reaches. */
export interface Covering {
  readonly file: string;
  /** How long it takes without a mutant. */
  readonly seconds: number;
  readonly reached: ReadonlySet<number>;
}

/** Tests in a browser take long, and reach nothing that others do not. */
const LEFT_OUT = /^test\/(admin-ui|examples|mutants|client\/(tabs|browser-mode))/;

/** Seconds. */
const LIMIT = 600;

/** Runs each test file without a mutant. @throws {Error} if one fails: then it cannot tell mutants from the code as it is */
export async function cover(sandbox: string, shared: string, jobs: number): Promise<Covering[]> {
  const files = planJobs([], ['SQLite'])
    .map(({ file }) => file)
    .filter((file) => !LEFT_OUT.test(file));
  const failed: string[] = [];
  const covering: Covering[] = [];
  await inParallel(files, jobs, async (file, slot) => {
    const hits = join(shared, `hits-${slot}`);
    rmSync(hits, { recursive: true, force: true });
    mkdirSync(hits);
    const { outcome, seconds } = await attempt(sandbox, file, LIMIT, { ALLAUTH_MUTANT_HITS: hits }, shared);
    if (outcome !== 'passed') failed.push(file);
    else covering.push({ file, seconds, reached: readHits(hits) });
    process.stdout.write(`coverage: ${covering.length + failed.length} of ${files.length}\r`);
  });
  process.stdout.write('\n');
  if (failed.length > 0) console.log(`Left out, because they fail without a mutant:\n  ${failed.join('\n  ')}`);
  return covering;
}

function readHits(folder: string): Set<number> {
  return new Set(readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n').map(Number)));
}
