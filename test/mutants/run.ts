// `npm run mutants`: changes the security floors in small ways and lists the changes that no test notices. `--help` says how.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { roomyFolder } from '../runner/folder.ts';
import { cover } from './cover.ts';
import { readHarmless } from './harmless.ts';
import { judge } from './judge.ts';
import { openMemory } from './memory.ts';
import type { Mutant } from './mutate.ts';
import { printReport } from './report.ts';
import { makeSandbox, sourcesIn } from './sandbox.ts';

/** The floors whose faults let a stranger in. */
const FLOORS = ['src/tokens', 'src/login', 'src/http/dispatch.ts', 'src/kit/sessions', 'src/guards', 'src/jwt', 'src/admin/flows'];

const HELP = `npm run mutants -- [PATH...] [options]

PATH          Files or folders to mutate; default: ${FLOORS.join(' ')}
--sample N    Only N of the mutants, chosen by the seed
--seed N      Default: 1
--id N,N      Only these mutants
--only-tests PATH
              Tries only the tests below this path, more than one if repeated; the other mutants count as not noticed
--remember FILE
              Keeps there which test killed which mutant, and does not try those again while neither the code nor the test has changed
--budget N    Seconds of tests that one mutant gets before it counts as survived; default: 60
--jobs N      How many run at the same time; default: one for each core
--list        Lists the mutants without running them
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean' },
    list: { type: 'boolean' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    id: { type: 'string' },
    'only-tests': { type: 'string', multiple: true, default: [] },
    remember: { type: 'string' },
    budget: { type: 'string', default: '60' },
    jobs: { type: 'string', default: `${availableParallelism()}` },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const folder = mkdtempSync(join(roomyFolder(), 'allauth-mutants-'));
  const [sandbox, shared] = [join(folder, 'sandbox'), join(folder, 'shared')];
  mkdirSync(shared);
  const end = (): void => rmSync(folder, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', end);
  const all = makeSandbox(sandbox, sourcesIn(positionals.length > 0 ? positionals : FLOORS));
  const mutants = choose(all);
  console.log(`${all.length} mutants, ${mutants.length} of them chosen.`);
  if (values.list) {
    for (const { id, file, line, what, before, after } of mutants) console.log(`${id} ${file}:${line} ${what}: ${before} -> ${after}`);
    return 0;
  }
  const jobs = Number(values.jobs);
  const coverage = await cover(all, { sandbox, shared, jobs, only: values['only-tests'] });
  const memory = openMemory(values.remember);
  const verdicts = await judge(mutants, coverage, { sandbox, shared, jobs, memory, budget: Number(values.budget) });
  return printReport(verdicts, readHarmless());
}

/** The mutants that the options ask for; the same ones for the same seed and sources. */
function choose(all: readonly Mutant[]): Mutant[] {
  if (values.id !== undefined) {
    const ids = new Set(values.id.split(',').map(Number));
    return all.filter(({ id }) => ids.has(id));
  }
  if (values.sample === undefined) return [...all];
  const random = randomFrom(Number(values.seed));
  return all
    .map((mutant) => ({ mutant, order: random() }))
    .sort((one, other) => one.order - other.order)
    .slice(0, Number(values.sample))
    .map(({ mutant }) => mutant)
    .sort((one, other) => one.id - other.id);
}

/** A sequence of numbers from 0 to 1 that is the same for the same seed: a linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
