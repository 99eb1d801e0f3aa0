import { z } from 'zod';
import { addFault, text } from '../http/input.ts';
import { fault } from '../texts/faults.ts';
import { LANGUAGES } from '../texts/languages.ts';
import type { MessageId } from '../texts/shape.ts';

/** Furthest time that a parameter may name: the year 9999. Unix seconds. */
const LAST_TIME = 253_402_300_799;

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** A time, as Unix seconds or RFC 3339; gives Unix seconds. */
export const time = z.union([z.string().max(40), z.number()]).transform((value, context): number => {
  const seconds = typeof value === 'number' || /^\d{1,12}$/.test(value) ? Number(value) : rfc3339(value);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= LAST_TIME) return seconds;
  addFault(context, fault('invalid.time'));
  return z.NEVER;
});

/** A truth value: a JSON one, or in a query one of the words. */
export const truth = z
  .union([z.boolean(), z.enum(['true', 'false', 'yes', 'no', '1', '0'])], {
    error: 'invalid.truth' satisfies MessageId,
  })
  .transform((value) => value === true || value === 'true' || value === 'yes' || value === '1');

/** A search text; blank counts as none. */
export const searchText = text({ required: false, max: 200 }).transform((value) => (value === '' ? undefined : value));

/** A UUID in text, in lower case. */
export const uuid = z
  .string()
  .regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, 'invalid.uuid' satisfies MessageId)
  .transform((value) => value.toLowerCase());

/** What every list takes beside its filters. */
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(400).optional(),
  count: truth.default(false),
};

/** The language of a mail to somebody else; absent: that of the request. */
export const language = z.enum(LANGUAGES, { error: `Enter one of: ${LANGUAGES.join(', ')}.` }).optional();

/** Why an admin does it, for the audit log; blank counts as none. */
export const reason = text({ required: false, max: 500 }).transform((value) => value || null);

function rfc3339(value: string): number {
  return RFC3339.test(value) ? Math.floor(Date.parse(value.replace(' ', 'T')) / 1000) : NaN;
}
