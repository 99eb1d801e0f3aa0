import type { z } from 'zod';

/** What a default may depend on. */
export interface DefaultContext {
  /** NODE_ENV=production. */
  production: boolean;
}

/** A default, as a user would write it; if the function returns `undefined`, a value is required. */
export type Default<Value> = Value | ((context: DefaultContext) => Value | undefined);

/** A setting, declared once: its type, validation, docs and the dashboard's page are derived from it. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Its description says what is expected. */
  readonly schema: Schema;
  readonly default: Default<z.input<Schema>>;
  /** One line, with the unit. */
  readonly doc: string;
  /** Whether its value is never shown. */
  readonly secret: boolean;
  /** Whether this version uses its value. The value of a setting without effect is only validated. */
  readonly hasEffect: boolean;
  /** A sentence that says which part of a value has no effect in this version; `null` if all of it has. */
  warning?(value: z.output<Schema>): string | null;
}

/** A setting of plain values. */
export function setting<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { schema, default: value, doc, secret: false, hasEffect: true };
}

/** Like `setting`, but only whether the value is set is ever shown. */
export function secret<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { ...setting(schema, value, doc), secret: true };
}

/** Marks a setting whose feature this version lacks. A value other than the default causes a warning at the start. */
export function notYet<Declared extends Setting>(declared: Declared): Declared {
  return { ...declared, hasEffect: false };
}

/** Adds a warning about values that have no effect in this version. */
export function withWarning<Schema extends z.ZodType>(
  declared: Setting<Schema>,
  warning: (value: z.output<Schema>) => string | null,
): Setting<Schema> {
  return { ...declared, warning };
}
