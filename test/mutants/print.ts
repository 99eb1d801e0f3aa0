import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../support/program.ts';

/** A text that differs where the parts do. */
export function printOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 22);
}

/** The print of a file of the checkout. */
export function printOfFile(file: string): string {
  return printOf(readFileSync(join(CHECKOUT, file), 'utf8'));
}

/** The print of a test file and of what stands in the `support` folders beside and above it. */
export function printOfTest(file: string): string {
  const folders = ['test/support', join(file, '../support')];
  return printOf(printOfFile(file), ...[...new Set(folders)].map(printOfFolder));
}

const known = new Map<string, string>();

function printOfFolder(folder: string): string {
  const print = known.get(folder) ?? printOf(...filesIn(folder).map((name) => printOfFile(join(folder, name))));
  known.set(folder, print);
  return print;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(join(CHECKOUT, folder), { encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .sort();
  } catch {
    return [];
  }
}
