import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planJobs } from '../runner/plan.ts';
import { CHECKOUT } from '../support/program.ts';
import { attempt } from './attempt.ts';
import { inParallel } from './in-parallel.ts';
import type { Mutant } from './mutate.ts';
import { printOfFile, printOfTest } from './print.ts';

/** A test file, and which mutants it reaches. */
export interface Covering {
  readonly file: string;
  /** How long it takes without a mutant. */
  readonly seconds: number;
  readonly reached: ReadonlySet<number>;
  /** Whether it passed without a mutant in this run; otherwise that was in an earlier one. */
  passed: boolean;
}

export interface CoverOptions {
  readonly sandbox: string;
  readonly shared: string;
  readonly jobs: number;
  /** Only the tests below these paths; all if there are none. */
  readonly only: readonly string[];
}

/** What an earlier run found out: sources that the test reached, by their prints, with the positions of the mutants in them. */
interface Kept {
  readonly print: string;
  readonly seconds: number;
  readonly sources: Readonly<Record<string, { readonly print: string; readonly reached: readonly number[] }>>;
}

const KEPT = join(CHECKOUT, 'dist/mutants-coverage.json');

/** Tests in a browser take long, and reach nothing that others do not. */
const LEFT_OUT = /^test\/(admin-ui|examples|mutants|client\/(tabs|browser-mode))/;

/** Seconds. */
const LIMIT = 600;

/**
 * Runs each test file without a mutant, or reads what an earlier run kept, unless the test has changed.
 * Leaves out tests that fail: they cannot tell mutants from the code as it is.
 */
export async function cover(mutants: readonly Mutant[], options: CoverOptions): Promise<Covering[]> {
  const files = planJobs([], ['SQLite'])
    .map(({ file }) => file)
    .filter((file) => !LEFT_OUT.test(file) && (options.only.length === 0 || options.only.some((path) => file.startsWith(path))));
  const places = new Places(mutants);
  const kept = readKept();
  const covering = files.flatMap((file) => places.coveringOf(file, kept[file]) ?? []);
  const known = new Set(covering.map(({ file }) => file));
  const measured = await measure(
    files.filter((file) => !known.has(file)),
    options,
  );
  for (const each of measured) kept[each.file] = merge(kept[each.file], places.keptOf(each));
  writeFileSync(KEPT, JSON.stringify(kept));
  return [...covering, ...measured];
}

/** @returns the tests that pass */
async function measure(files: readonly string[], { sandbox, shared, jobs }: CoverOptions): Promise<Covering[]> {
  const failed: string[] = [];
  const covering: Covering[] = [];
  await inParallel(files, jobs, async (file, slot) => {
    const hits = join(shared, `hits-${slot}`);
    rmSync(hits, { recursive: true, force: true });
    mkdirSync(hits);
    const { outcome, seconds } = await attempt(sandbox, file, LIMIT, { ALLAUTH_MUTANT_HITS: hits }, shared);
    if (outcome !== 'passed') failed.push(file);
    else covering.push({ file, seconds, reached: readHits(hits), passed: true });
    console.log(`coverage: [${covering.length + failed.length}/${files.length}] ${outcome} ${seconds.toFixed(1)} s ${file}`);
  });
  if (failed.length > 0) console.log(`Left out, because they fail without a mutant:\n  ${failed.join('\n  ')}`);
  return covering;
}

function readHits(folder: string): Set<number> {
  return new Set(readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n').map(Number)));
}

/** Other sources of the same test are kept. */
function merge(before: Kept | undefined, after: Kept): Kept {
  return before?.print === after.print ? { ...after, sources: { ...before.sources, ...after.sources } } : after;
}

function readKept(): Record<string, Kept> {
  return existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, 'utf8')) as Record<string, Kept>) : {};
}

/** Between the ids of a run and the positions in a file, which stay the same when other files change. */
class Places {
  readonly #mutants: ReadonlyMap<number, Mutant>;
  /** The ids in each source, in their order. */
  readonly #ids = new Map<string, number[]>();

  constructor(mutants: readonly Mutant[]) {
    this.#mutants = new Map(mutants.map((mutant) => [mutant.id, mutant]));
    for (const { file, id } of mutants) this.#ids.set(file, [...(this.#ids.get(file) ?? []), id]);
  }

  /** `null`: the test has changed, or the earlier run did not look at all of the sources. A test that reached any of a source that has changed reaches all of it. */
  coveringOf(file: string, kept: Kept | undefined): Covering | null {
    if (kept?.print !== printOfTest(file)) return null;
    const reached = new Set<number>();
    for (const [source, ids] of this.#ids) {
      const before = kept.sources[source];
      if (!before) return null;
      const changed = before.print !== printOfFile(source);
      const positions = new Set(before.reached);
      for (const [position, id] of ids.entries()) if (changed ? positions.size > 0 : positions.has(position)) reached.add(id);
    }
    return { file, seconds: kept.seconds, reached, passed: false };
  }

  keptOf({ file, seconds, reached }: Covering): Kept {
    const sources: Record<string, { print: string; reached: number[] }> = {};
    for (const source of this.#ids.keys()) sources[source] = { print: printOfFile(source), reached: [] };
    for (const id of reached) {
      const source = this.#mutants.get(id)?.file;
      if (source !== undefined) sources[source]?.reached.push(id - (this.#ids.get(source)?.[0] ?? 0));
    }
    return { print: printOfTest(file), seconds, sources };
  }
}
