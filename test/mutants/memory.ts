import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../support/program.ts';
import type { Verdict } from './judge.ts';
import type { Mutant } from './mutate.ts';
import { printOfTest } from './print.ts';

/** Mutants that were killed, for the next runs. */
export interface Memory {
  /** The verdict of an earlier run; `null` if the code around the mutant or the test that killed it has changed since. */
  find(mutant: Mutant): Verdict | null;
  add(verdict: Verdict): void;
}

/** By the print of the mutant: the test that killed it, and the print of that test. */
type Kills = Record<string, readonly [test: string, print: string]>;

/** Kept in the file after each verdict; nothing is remembered without one. */
export function openMemory(file: string | undefined): Memory {
  if (file === undefined) return { find: () => null, add: () => undefined };
  const kills = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kills) : {};
  return {
    find(mutant) {
      const [test, print] = kills[mutant.print] ?? [];
      return test !== undefined && existsSync(join(CHECKOUT, test)) && printOfTest(test) === print
        ? { mutant, outcome: 'killed', tried: [test] }
        : null;
    },
    add({ mutant, outcome, tried }) {
      const test = tried.at(-1);
      if (outcome !== 'killed' || test === undefined) return;
      kills[mutant.print] = [test, printOfTest(test)];
      writeFileSync(file, JSON.stringify(kills, null, 1));
    },
  };
}
