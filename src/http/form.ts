import { LIMITS } from '../contracts/limits.ts';
import { Refusal } from '../kit/errors.ts';
import { fault } from '../texts/faults.ts';

/** Name of the form field that may hold the CSRF token, as Django calls it. */
export const CSRF_FIELD = 'csrfmiddlewaretoken';

/**
 * The fields of an `application/x-www-form-urlencoded` body, without the CSRF token. A field that occurs more than once is a list.
 * @throws {Refusal} 400 for more than `LIMITS.fields` fields
 */
export function parseForm(body: string): Record<string, string | string[]> {
  const fields = readFields(body);
  fields.delete(CSRF_FIELD);
  return toRecord(fields);
}

/** The CSRF token in a form; '' if it has none. @throws {Refusal} 400 for more than `LIMITS.fields` fields */
export function csrfTokenIn(body: string): string {
  return readFields(body).get(CSRF_FIELD) ?? '';
}

/** The parameters of a query; a list for one that occurs more than once. @throws {Refusal} 400 for more than `LIMITS.fields` of them */
export function parseQuery(query: string): Record<string, string | string[]> {
  return toRecord(readFields(query));
}

function toRecord(fields: URLSearchParams): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const before = values.get(name);
    if (before) before.push(value);
    else values.set(name, [value]);
  }
  // Defines members, so that `__proto__` is one like any other.
  return Object.fromEntries([...values].map(([name, [first = '', ...more]]) => [name, more.length > 0 ? [first, ...more] : first]));
}

function readFields(text: string): URLSearchParams {
  // Counted before parsing, so that a text of separators alone costs nothing.
  if (text.split('&', LIMITS.fields + 1).length > LIMITS.fields) {
    throw new Refusal(400, [fault('invalid.too_many_members', { max: LIMITS.fields })]);
  }
  return new URLSearchParams(text);
}
