import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../support/program.ts';

/** A text that differs where the parts do. */
export function printOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 22);
}

/** The print of a file of the checkout. */
export function printOfFile(file: string): string {
  return printOf(read(file));
}

/** The print of a test file and of all in `test` that it imports. */
export function printOfTest(file: string): string {
  const files = new Set([file]);
  for (const each of files) for (const imported of importsOf(each)) files.add(imported);
  return printOf(...[...files].sort().map(read));
}

const texts = new Map<string, string>();

function read(file: string): string {
  const text = texts.get(file) ?? readFileSync(join(CHECKOUT, file), 'utf8');
  texts.set(file, text);
  return text;
}

function importsOf(file: string): string[] {
  const named = read(file).matchAll(/from '(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/g);
  return [...named].map(([, one, other]) => join(file, '..', one ?? other ?? '')).filter((path) => path.startsWith('test/'));
}
