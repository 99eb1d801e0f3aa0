import type { z } from 'zod';

/** What a default may depend on. */
export interface DefaultContext {
  /** NODE_ENV=production. */
  production: boolean;
}

/** A default, in the form in which a user would write it; `undefined` from the function means that a value must be given. */
export type Default<Value> = Value | ((context: DefaultContext) => Value | undefined);

/** One setting, declared once: types, the check, the table in the docs and the dashboard's page are made from it. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Its description says in plain words what is expected. */
  readonly schema: Schema;
  readonly default: Default<z.input<Schema>>;
  /** One line, with the unit. */
  readonly doc: string;
  /** Whether its value is never shown. */
  readonly secret: boolean;
  /** Whether this version uses its value. The value of a setting without effect is checked, and nothing else. */
  readonly hasEffect: boolean;
  /** Which part of a value has no effect in this version, as a sentence; `null` if all of it has. */
  warning?(value: z.output<Schema>): string | null;
}

/** A setting of plain values. */
export function setting<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { schema, default: value, doc, secret: false, hasEffect: true };
}

/** Like `setting`; wherever settings are shown it is told only whether the value is set. */
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
