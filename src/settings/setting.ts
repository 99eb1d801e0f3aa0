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
  /** Whether its feature is not there yet, so that a value is taken and has no effect. */
  readonly later: boolean;
  /** What a value asks for that is not there yet; `null` where it is all there. */
  warning?(value: z.output<Schema>): string | null;
}

/** A setting of plain values. */
export function setting<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { schema, default: value, doc, secret: false, later: false };
}

/** Like `setting`; wherever settings are shown it is told only whether the value is set. */
export function secret<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { ...setting(schema, value, doc), secret: true };
}

/** Marks a setting whose feature is not there yet: it is checked, and a value other than the default is answered with a warning. */
export function later<Declared extends Setting>(declared: Declared): Declared & { readonly later: true } {
  return { ...declared, later: true };
}
