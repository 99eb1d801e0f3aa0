import { z } from 'zod';
import { invalid } from '../kit/errors.ts';
import { fault } from '../texts/faults.ts';

/** What the keyset of a list is written as. `back`: the page lies before the row, not behind it. */
export interface Cursor<Keys> {
  back: boolean;
  keys: Keys;
}

const VERSION = 1;

/** An opaque text for a place in one order of one list. */
export function writeCursor(order: string, { back, keys }: Cursor<readonly (string | number)[]>): string {
  return Buffer.from(JSON.stringify([VERSION, order, back ? 1 : 0, ...keys])).toString('base64url');
}

/** @throws {Refusal} 400 for what is no cursor of this order of this list */
export function readCursor<Keys extends z.ZodType>(order: string, keys: Keys, text: string | undefined): Cursor<z.output<Keys>> | null {
  if (text === undefined || text === '') return null;
  const [version, of, back, ...rest] = parseList(text);
  const parsed = keys.safeParse(rest);
  if (version !== VERSION || of !== order || (back !== 0 && back !== 1) || !parsed.success) {
    throw invalid('cursor', fault('invalid.cursor'));
  }
  return { back: back === 1, keys: parsed.data };
}

function parseList(text: string): unknown[] {
  if (!/^[\w-]+$/.test(text)) return [];
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** What `count=true` adds: how many rows match and, of sessions, how many users they are of. */
export interface Totals {
  count?: number;
  users?: number;
}

/** The reply that `page` in schemas.ts declares. */
interface PageReply<Shown> {
  status: 200;
  data: Shown[];
  meta: { pagination: { next: string | null; previous: string | null; limit: number } & Totals };
}

/**
 * The reply with a page. `rows` were read in the direction of the cursor, one more than `limit` where there are more.
 * @param keysOf the keyset of a row, for the cursors
 */
export function pageReply<Row, Shown>(
  rows: readonly Row[],
  {
    limit,
    order,
    cursor,
    keysOf,
  }: { limit: number; order: string; cursor: Cursor<unknown> | null; keysOf: (row: Row) => (string | number)[] },
  serialize: (row: Row) => Shown,
  totals: Totals = {},
): PageReply<Shown> {
  const back = cursor?.back ?? false;
  const more = rows.length > limit;
  const page = rows.slice(0, limit);
  if (back) page.reverse();
  const [first, last] = [page[0], page.at(-1)];
  const hasNext = back || more;
  const hasPrevious = back ? more : cursor !== null;
  const pagination = {
    next: last && hasNext ? writeCursor(order, { back: false, keys: keysOf(last) }) : null,
    previous: first && hasPrevious ? writeCursor(order, { back: true, keys: keysOf(first) }) : null,
    limit,
    ...totals,
  };
  return { status: 200, data: page.map(serialize), meta: { pagination } };
}
