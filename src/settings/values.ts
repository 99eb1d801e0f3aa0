import { inspect } from 'node:util';
import type { z } from 'zod';

/** Characters of a value that a message shows. */
const SHOWN = 80;

/** A value in the words of a message, in one line, shortened; of a secret its kind alone. */
export function showValue(value: unknown, secret: boolean): string {
  if (secret && value !== null && value !== undefined) return `${kindOf(value)} that is not shown`;
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 3, breakLength: Infinity, compact: true });
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}… (${kindOf(value)})` : shown;
}

/** The value of a setting that names modules, with its options left out: they may hold secrets. */
export function withoutOptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOptions);
  if (typeof value === 'function') return `class ${value.name}`.trimEnd();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, name === 'NAME' ? withoutOptions(each) : '…']));
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return `text of ${value.length} characters`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Where in a value the fault is, where it is not the value as a whole; '' otherwise. */
export function whereFaulty(issues: readonly z.core.$ZodIssue[]): string {
  const faults = issues.flatMap((issue) => faultsOf(issue, []));
  const deepest = faults.reduce((best, each) => (depthOf(each) > depthOf(best) ? each : best), { path: [], extra: [] });
  const place = deepest.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  const unknown = deepest.extra.length > 0 ? `there is no member ${deepest.extra.map((name) => JSON.stringify(name)).join(', ')}` : '';
  return [unknown, place && `the fault is at ${place}`].filter(Boolean).join(', ');
}

interface Fault {
  path: PropertyKey[];
  /** Members that are not known. */
  extra: string[];
}

/** A member that is not known tells more than the place where it is. */
function depthOf({ path, extra }: Fault): number {
  return path.length + (extra.length > 0 ? 1 : 0);
}

function faultsOf(issue: z.core.$ZodIssue, above: PropertyKey[]): Fault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') return [{ path, extra: issue.keys }];
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap((each) => faultsOf(each, path));
  return [{ path, extra: [] }];
}
