import type { z } from 'zod';
import type { SessionRecord } from '../../contracts/records.ts';

/** One named part of what `Holder` keeps between requests. */
export interface StatePart<Holder, Value> {
  /** The value; `null` if it is absent or does not match the schema, as after a change of the schema. */
  get(holder: Holder): Value | null;
  /** Replaces the value, or removes it (`null`). Nothing is stored yet. */
  set(holder: Holder, value: Value | null): void;
}

/** An area's part of `session.data`: plain JSON under a name of its own, read through the schema. */
export function sessionState<Value>(name: string, schema: z.ZodType<Value>): StatePart<Pick<SessionRecord, 'data'>, Value> {
  return {
    get: ({ data }) => readPart(data, name, schema),
    set: (session, value) => {
      session.data = withPart(session.data, name, value);
    },
  };
}

/** The member `name`; `null` if it is absent or does not match the schema. */
export function readPart<Value>(parts: Readonly<Record<string, unknown>>, name: string, schema: z.ZodType<Value>): Value | null {
  const value = parts[name];
  if (value === undefined) return null;
  const { success, data } = schema.safeParse(value);
  return success ? data : null;
}

/** A copy with this member, or without it (`null`). */
export function withPart(parts: Readonly<Record<string, unknown>>, name: string, value: unknown): Record<string, unknown> {
  const { [name]: _, ...others } = parts;
  return value === null ? others : { ...others, [name]: value };
}
