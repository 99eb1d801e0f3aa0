import { z } from 'zod';
import { options, path } from './schemas.ts';

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

/** A class of plugins, as a config in code may give it. It is made with `(kit, options)`. */
export type PluginClass<Shape = unknown> = abstract new (kit: never, options: never) => Shape;

/** Options that reach the constructor of a plugin. */
export type PluginOptions = Record<string, unknown>;

/** `"./x.ts#Name"`, `"package#Name"`, `"package"` (default export), the class itself, or one of these with options. */
export type ModulePath<Shape = unknown> = string | PluginClass<Shape> | [string | PluginClass<Shape>, PluginOptions];

/** A setting that names modules. `loads` is never there: it carries the type of what the modules are loaded to. */
export interface PluginSetting<Schema extends z.ZodType, Loaded> extends Setting<Schema> {
  readonly plugin: 'one' | 'many';
  readonly loads?: Loaded;
}

/** A setting of plain values. */
export function setting<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { schema, default: value, doc, secret: false, later: false };
}

/** Like `setting`; wherever settings are shown it is told only whether the value is set. */
export function secret<Schema extends z.ZodType>(schema: Schema, value: Default<z.input<Schema>>, doc: string): Setting<Schema> {
  return { ...setting(schema, value, doc), secret: true };
}

/** A setting that names one module. `names` maps other names of a module, such as Django's, to its path. */
export function plugin<Shape>(value: string, doc: string, names: Names = {}) {
  return onePlugin<Shape>()(modulePath<Shape>(names), value, doc);
}

/** A setting that names any number of modules, in order. */
export function plugins<Shape>(values: readonly string[], doc: string, { names = {}, least = 0 }: { names?: Names; least?: number } = {}) {
  return manyPlugins<Shape>()(
    z
      .array(modulePath<Shape>(names))
      .min(least)
      .describe(`a list of ${least > 0 ? 'one or more ' : ''}${listed(names)}module paths`),
    [...values],
    doc,
  );
}

/** Like `plugins`, for a schema of one's own, which gives module paths. */
export function manyPlugins<Shape>() {
  return <Schema extends z.ZodType<ModulePath<Shape>[]>>(
    schema: Schema,
    value: Default<z.input<Schema>>,
    doc: string,
  ): PluginSetting<Schema, Shape[]> => ({ ...setting(schema, value, doc), plugin: 'many' });
}

/** A setting of one module, for a schema of one's own that gives its path. Its value is never shown. */
export function secretPlugin<Shape>() {
  return <Schema extends z.ZodType<ModulePath<Shape>>>(
    schema: Schema,
    value: z.input<Schema>,
    doc: string,
  ): PluginSetting<Schema, Shape> => ({
    ...onePlugin<Shape>()(schema, value, doc),
    secret: true,
  });
}

/** Like `plugin`, where `null` means that there is none. */
export function optionalPlugin<Shape>(value: Default<ModulePath<Shape> | null>, doc: string, names: Names = {}) {
  const path = modulePath<Shape>(names);
  const schema = path.nullable().describe(`${path.description ?? 'a module path'}, or null`);
  return { ...setting(schema, value, doc), plugin: 'one' } as PluginSetting<typeof schema, Shape | null>;
}

/** A setting that may name a module in place of what is built in (`null`), which lies at the path `builtIn`. `names`: as in `plugin`. */
export function replacement<Shape = unknown>(doc: string, builtIn: string | null = null, names: Names = {}) {
  const schema = modulePath<Shape>(names)
    .nullable()
    .transform((path) => path ?? builtIn)
    .describe('a module path, or null for what is built in');
  return onePlugin<Shape>()(schema, null, doc);
}

/** Marks a setting whose feature is not there yet: it is checked, and a value other than the default is answered with a warning. */
export function later<Declared extends Setting>(declared: Declared): Declared & { readonly later: true } {
  return { ...declared, later: true };
}

/** Other names of modules → their paths. */
export type Names = Readonly<Record<string, string>>;

/** The schema of a module path. */
export function modulePath<Shape>(names: Names) {
  const named = path.transform((text) => names[text] ?? text);
  const byClass = z.custom<PluginClass<Shape>>(isClass);
  return z
    .union([named, byClass, z.tuple([z.union([named, byClass]), options])])
    .describe(`${listed(names)}a module path such as "./plugins/mine.ts#Mine", or [path, options]`);
}

function onePlugin<Shape>() {
  return <Schema extends z.ZodType>(schema: Schema, value: z.input<Schema>, doc: string): PluginSetting<Schema, Shape> => ({
    ...setting(schema, value, doc),
    plugin: 'one',
  });
}

function listed(names: Names): string {
  const short = Object.keys(names).filter((name) => !name.includes('.'));
  return short.length > 0 ? `${short.map((name) => JSON.stringify(name)).join(', ')} or ` : '';
}

/** Also a class that was compiled to a function; functions without a prototype make no instances. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}
