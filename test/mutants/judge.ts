import { dirname } from 'node:path';
import { attempt } from './attempt.ts';
import type { Covering } from './cover.ts';
import { inParallel } from './in-parallel.ts';
import type { Memory } from './memory.ts';
import type { Mutant } from './mutate.ts';

export interface Verdict {
  readonly mutant: Mutant;
  /** `unreached`: no test runs the code. `survived`: the tests that reach it pass, as many as fit into the budget. */
  readonly outcome: 'killed' | 'hung' | 'survived' | 'unreached';
  /** The test files that were run. */
  readonly tried: readonly string[];
}

export interface Judging {
  readonly sandbox: string;
  readonly shared: string;
  readonly jobs: number;
  /** Seconds of tests, by their times without a mutant. */
  readonly budget: number;
  /** What earlier runs found out. */
  readonly memory: Memory;
}

/** Runs the tests that reach a mutant, the likeliest to notice it first, until one fails. */
export async function judge(mutants: readonly Mutant[], coverage: readonly Covering[], judging: Judging): Promise<Verdict[]> {
  const kills = new Map<string, number>();
  const verdicts: Verdict[] = [];
  await inParallel(mutants, judging.jobs, async (mutant) => {
    const remembered = judging.memory.find(mutant);
    const verdict = remembered ?? (await judgeOne(mutant, coverage, judging, kills));
    verdicts.push(verdict);
    judging.memory.add(verdict);
    const killer = verdict.tried.at(-1);
    if (verdict.outcome === 'killed' && killer !== undefined) {
      const key = keyOf(mutant, killer);
      kills.set(key, (kills.get(key) ?? 0) + 1);
    }
    const { file, line, what } = mutant;
    const how = `${remembered ? ' (earlier)' : ''}${verdict.outcome === 'killed' ? ` by ${killer ?? ''}` : ''}`;
    console.log(`[${verdicts.length}/${mutants.length}] ${verdict.outcome.padEnd(9)} ${mutant.id} ${file}:${line} ${what}${how}`);
  });
  return verdicts.sort((one, other) => one.mutant.id - other.mutant.id);
}

async function judgeOne(
  mutant: Mutant,
  coverage: readonly Covering[],
  { sandbox, shared, budget }: Judging,
  kills: ReadonlyMap<string, number>,
): Promise<Verdict> {
  const reaching = coverage.filter(({ reached }) => reached.has(mutant.id));
  if (reaching.length === 0) return { mutant, outcome: 'unreached', tried: [] };
  const rank = new Map(reaching.map((covering) => [covering, rankOf(mutant, covering, kills)]));
  reaching.sort((one, other) => (rank.get(other) ?? 0) - (rank.get(one) ?? 0));
  const tried: string[] = [];
  let spent = 0;
  for (const covering of reaching) {
    const { file, seconds } = covering;
    if (spent > 0 && spent + seconds > budget) continue;
    spent += seconds;
    tried.push(file);
    const limit = 15 + 5 * seconds;
    const { outcome } = await attempt(sandbox, file, limit, { ALLAUTH_MUTANT: `${mutant.id}` }, shared);
    if (outcome === 'passed') continue;
    covering.passed ||= (await attempt(sandbox, file, limit, {}, shared)).outcome === 'passed';
    if (covering.passed) return { mutant, outcome: outcome === 'hung' ? 'hung' : 'killed', tried };
    console.log(`${file} fails without a mutant`);
  }
  return { mutant, outcome: 'survived', tried };
}

/** How soon a test file should have its turn: it has killed mutants of this file, it tests this folder, it reaches little else, it is quick. */
function rankOf(mutant: Mutant, { file, seconds, reached }: Covering, kills: ReadonlyMap<string, number>): number {
  const own = dirname(file).replace(/^test/, 'src') === dirname(mutant.file);
  const related = dirname(mutant.file).startsWith(dirname(file).replace(/^test/, 'src'));
  return ((kills.get(keyOf(mutant, file)) ?? 0) + (own ? 3 : related ? 2 : 0.5) + 100 / (100 + reached.size)) / (1 + seconds);
}

function keyOf(mutant: Mutant, file: string): string {
  return `${mutant.file} ${file}`;
}
