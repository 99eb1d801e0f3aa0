import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder in which a run of the whole suite gathers secrets and logs, for the last test; null when a file runs alone. */
export const RUN_FOLDER = process.env['ALLAUTH_TEST_RUN'] ?? null;

/** Shorter values stand in innocent text by chance. Characters. */
const SHORTEST = 8;

/** Folder of what is made once for many processes: a migrated database, a key. Null for a file that runs alone. Environment: ALLAUTH_TEST_SHARED. */
export const SHARED_FOLDER = process.env['ALLAUTH_TEST_SHARED'] ?? RUN_FOLDER;

const known = new Set<string>();

/** Notes values that must never reach a log: passwords, tokens, cookies, codes, keys. A JWT's signature counts for itself. */
export function secret(...values: readonly (string | null | undefined)[]): void {
  for (const value of values) {
    if (!value) continue;
    const parts = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value) ? [value, value.slice(value.lastIndexOf('.') + 1)] : [value];
    for (const part of parts) add(part);
  }
}

/** Notes what of a PEM is private: its lines, since a log might hold only some of them. */
export function secretKey(pem: string): void {
  secret(...pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')));
}

/** Those of the secrets noted so far that stand in the text, as they are or in one of the ways in which logs and URLs write them. */
export function leaksIn(text: string, secrets: Iterable<string> = known): string[] {
  return [...secrets].filter((value) => spellings(value).some((spelling) => text.includes(spelling)));
}

/** Adds a server's log to what the last test of the run searches. */
export function keepLog(lines: readonly string[]): void {
  if (RUN_FOLDER !== null) appendFileSync(join(RUN_FOLDER, `${process.pid}.log`), lines.join(''));
}

function add(value: string): void {
  if (value.length < SHORTEST || known.has(value)) return;
  known.add(value);
  if (RUN_FOLDER !== null) appendFileSync(join(RUN_FOLDER, `${process.pid}.secrets`), `${JSON.stringify(value)}\n`);
}

function spellings(value: string): string[] {
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value.toWellFormed()),
      Buffer.from(value).toString('base64'),
    ]),
  ];
}
