import { z } from 'zod';

/** A time in a query: Unix seconds, or RFC 3339; gives Unix seconds. */
export const timeInput = z
  .union([
    z
      .string()
      .regex(/^\d{1,12}$/)
      .transform(Number),
    z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
  ])
  .describe('Unix seconds, or a time as in RFC 3339');
