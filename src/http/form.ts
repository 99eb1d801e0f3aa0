import { Refusal } from '../kit/errors.ts';

/** Name of the form field that may hold the CSRF token, as Django calls it. */
export const CSRF_FIELD = 'csrfmiddlewaretoken';

/** Fields that a form may have, the CSRF token among them. */
const FIELD_LIMIT = 100;

/**
 * The fields of an `application/x-www-form-urlencoded` body, without the CSRF token. A field that occurs more than once is a list.
 * @throws {Refusal} 400 for more than 100 fields
 */
export function parseForm(body: string): Record<string, string | string[]> {
  const fields = readForm(body);
  fields.delete(CSRF_FIELD);
  return toRecord(fields);
}

/** The CSRF token in a form; '' if it has none. @throws {Refusal} 400 for more than 100 fields */
export function csrfTokenIn(body: string): string {
  return readForm(body).get(CSRF_FIELD) ?? '';
}

/** Values by name; a list for a name that occurs more than once. */
export function toRecord(fields: URLSearchParams): Record<string, string | string[]> {
  const values = new Map<string, string | string[]>();
  for (const [name, value] of fields) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(values); // defines members, so that `__proto__` is one like any other
}

function readForm(body: string): URLSearchParams {
  // Counted before parsing, so that a body of separators alone costs nothing.
  if (body.split('&', FIELD_LIMIT + 1).length > FIELD_LIMIT) {
    throw new Refusal(400, [{ code: 'invalid', message: `The form has more than ${FIELD_LIMIT} fields.` }]);
  }
  return new URLSearchParams(body);
}
