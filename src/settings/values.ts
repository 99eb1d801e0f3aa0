import { inspect } from 'node:util';
import type { z } from 'zod';

/** The maximum number of characters of a value in a message. */
const SHOWN = 80;

/** A value as messages show it: on one line, shortened; for a secret only its type. */
export function showValue(value: unknown, secret: boolean): string {
  if (secret && value !== null && value !== undefined) return `${kindOf(value)} that is not shown`;
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 3, breakLength: Infinity, compact: true });
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}… (${kindOf(value)})` : shown;
}

/** The value of a setting that names modules, without its options, which may contain secrets. */
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

/** The path of the invalid part of a value; '' if the whole value is invalid. */
export function whereFaulty(issues: readonly z.core.$ZodIssue[]): string {
  const faults = issues.flatMap((issue) => faultsOf(issue, []));
  const deepest = faults.reduce((best, each) => (depthOf(each) > depthOf(best) ? each : best), { path: [], extra: [] });
  const place = deepest.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  const unknown = deepest.extra.length > 0 ? `there is no member ${deepest.extra.map((name) => JSON.stringify(name)).join(', ')}` : '';
  return [unknown, place && `the fault is at ${place}`].filter(Boolean).join(', ');
}

interface Fault {
  path: PropertyKey[];
  /** The names of unknown members. */
  extra: string[];
}

/** For an unknown member, its name says more than the path. */
function depthOf({ path, extra }: Fault): number {
  return path.length + (extra.length > 0 ? 1 : 0);
}

function faultsOf(issue: z.core.$ZodIssue, above: PropertyKey[]): Fault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') return [{ path, extra: issue.keys }];
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap((each) => faultsOf(each, path));
  return [{ path, extra: [] }];
}
