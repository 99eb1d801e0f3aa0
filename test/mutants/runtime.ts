// What mutated files import: `isMutant`. Environment: ALLAUTH_MUTANT, the id of the mutant in force; ALLAUTH_MUTANT_HITS, a folder for the ids reached.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const active = Number(process.env['ALLAUTH_MUTANT'] ?? -1);
const folder = process.env['ALLAUTH_MUTANT_HITS'];
const reached = new Set<number>();

/** Whether the mutant is in force. */
export function isMutant(id: number): boolean {
  if (folder !== undefined && !reached.has(id)) {
    reached.add(id);
    // At once: processes are killed.
    appendFileSync(join(folder, `${process.pid}-${threadId}`), `${id}\n`);
  }
  return id === active;
}
