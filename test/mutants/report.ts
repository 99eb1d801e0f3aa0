import { isAbout, type Harmless } from './harmless.ts';
import type { Verdict } from './judge.ts';

/** Share of the mutants, without the harmless ones, that tests must notice. */
const ENOUGH = 0.9;

/** Prints what survived and the counts by file. Returns the exit code: 1 if less than `ENOUGH` were killed. */
export function printReport(verdicts: readonly Verdict[], harmless: readonly Harmless[]): number {
  const survivors = verdicts.filter(({ outcome }) => outcome === 'survived' || outcome === 'unreached');
  for (const verdict of survivors) printSurvivor(verdict, harmless);
  const files = [...new Set(verdicts.map(({ mutant }) => mutant.file))];
  console.log('\nkilled  survived  harmless  file');
  for (const file of files)
    printCounts(
      verdicts.filter(({ mutant }) => mutant.file === file),
      harmless,
      file,
    );
  const share = printCounts(verdicts, harmless, 'all');
  console.log(`\n${(100 * share).toFixed(1)} % of the mutants that are not harmless were killed.`);
  return share >= ENOUGH ? 0 : 1;
}

function printSurvivor({ mutant, outcome, tried }: Verdict, harmless: readonly Harmless[]): void {
  const { id, file, line, within, what, before, after } = mutant;
  const reason = harmless.find((entry) => isAbout(entry, mutant))?.why;
  console.log(`\n${outcome} ${id} ${file}:${line} ${within}: ${what}${reason === undefined ? '' : ` (harmless: ${reason})`}`);
  console.log(`${lines(before, '-')}\n${lines(after, '+')}`);
  if (outcome === 'survived') console.log(`  tests: ${tried.join(' ')}`);
}

/** Returns the share that was killed. */
function printCounts(verdicts: readonly Verdict[], harmless: readonly Harmless[], name: string): number {
  const killed = verdicts.filter(({ outcome }) => outcome === 'killed' || outcome === 'hung').length;
  const left = verdicts.filter(({ outcome }) => outcome === 'survived' || outcome === 'unreached');
  const excused = left.filter(({ mutant }) => harmless.some((entry) => isAbout(entry, mutant))).length;
  const columns = [`${killed}`.padStart(6), `${left.length - excused}`.padStart(9), `${excused}`.padStart(9)];
  console.log(`${columns.join(' ')}  ${name}`);
  return killed / Math.max(1, verdicts.length - excused);
}

function lines(text: string, sign: string): string {
  return text.replaceAll(/^/gm, `  ${sign} `);
}
