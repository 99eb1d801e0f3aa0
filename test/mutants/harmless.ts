import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../support/program.ts';
import type { Mutant } from './mutate.ts';

/** Survivors that change nothing that matters: mutant, and why. */
export interface Harmless {
  readonly file: string;
  readonly within: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

/** The list that is kept beside this file. */
export function readHarmless(): Harmless[] {
  return JSON.parse(readFileSync(join(CHECKOUT, 'test/mutants/harmless.json'), 'utf8')) as Harmless[];
}

/** Whether an entry of the list is about this mutant. Blanks do not count, so that the formatter may move lines. */
export function isAbout(entry: Harmless, mutant: Mutant): boolean {
  const { file, within, before, after } = entry;
  return file === mutant.file && within === mutant.within && flat(before) === flat(mutant.before) && flat(after) === flat(mutant.after);
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
