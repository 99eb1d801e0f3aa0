import { z } from 'zod';
import type { AnyPlugPoint, PlugPoint } from '../contracts/plug-points/plug-point.ts';
import { options, path } from './schemas.ts';
import { notYet, setting, type Default, type Setting } from './setting.ts';

/** A plugin class, as a config in code may name it. It is constructed with `(kit, options)`. */
export type PluginClass<Shape = unknown> = abstract new (kit: never, options: never) => Shape;

/** Options that are passed to the constructor of a plugin. */
export type PluginOptions = Record<string, unknown>;

/** `"./x.ts#Name"`, `"package#Name"`, `"package"` (default export), the class itself, or one of these with options. */
export type ModulePath<Shape = unknown> = string | PluginClass<Shape> | [string | PluginClass<Shape>, PluginOptions];

/** A setting that names modules. `loads` is never set; it carries the type of the plugin instances. */
export interface PluginSetting<Schema extends z.ZodType = z.ZodType, Loaded = unknown> extends Setting<Schema> {
  readonly plugin: 'one' | 'many';
  /** `null` for a setting whose plug point does not exist yet. */
  readonly point: AnyPlugPoint | null;
  readonly loads?: Loaded;
}

/** Alternative names of modules → their paths. */
export type Names = Readonly<Record<string, string>>;

/** A setting that names one module. `names` maps alternative names, such as Django's, to module paths. */
export function plugin<Shape>(point: PlugPoint<Shape>, value: string, doc: string, names: Names = {}) {
  return one(point, modulePath<Shape>(names), value, doc);
}

/** Like `plugin`; `null` means none. */
export function optionalPlugin<Shape>(point: PlugPoint<Shape>, value: Default<ModulePath<Shape> | null>, doc: string, names: Names = {}) {
  const module = modulePath<Shape>(names);
  const schema = module.nullable().describe(`${module.description ?? 'a module path'}, or null`);
  return { ...setting(schema, value, doc), plugin: 'one', point } as PluginSetting<typeof schema, Shape | null>;
}

/** A setting that may name a module instead of the built-in one, which has the path `builtIn` and is used for `null`. */
export function replacement<Shape>(point: PlugPoint<Shape>, builtIn: string, doc: string, names: Names = {}) {
  const schema = modulePath<Shape>(names)
    .nullable()
    .transform((module) => module ?? builtIn)
    .describe('a module path, or null for what is built in');
  return one(point, schema, null, doc);
}

/** A setting of one module whose schema also accepts other forms and returns a module path. Its value is never shown. */
export function secretPlugin<Shape, Schema extends z.ZodType<ModulePath<Shape>>>(
  point: PlugPoint<Shape>,
  schema: Schema,
  value: z.input<Schema>,
  doc: string,
): PluginSetting<Schema, Shape> {
  return { ...one(point, schema, value, doc), secret: true };
}

/** A setting that names any number of modules, in order. */
export function plugins<Shape>(
  point: PlugPoint<Shape>,
  values: readonly string[],
  doc: string,
  { names = {}, least = 0 }: { names?: Names; least?: number } = {},
) {
  const schema = z
    .array(modulePath<Shape>(names))
    .min(least)
    .describe(`a list of ${least > 0 ? 'one or more ' : ''}${listed(names)}module paths`);
  return manyPlugins(point, schema, [...values], doc);
}

/** Like `plugins`, with a schema that also accepts other forms and returns module paths. */
export function manyPlugins<Shape, Schema extends z.ZodType<ModulePath<Shape>[]>>(
  point: PlugPoint<Shape>,
  schema: Schema,
  value: z.input<Schema>,
  doc: string,
): PluginSetting<Schema, Shape[]> {
  return { ...setting(schema, value, doc), plugin: 'many', point };
}

/** A setting that will name a module: this version lacks its plug point. */
export function pluginNotYet(doc: string) {
  const schema = modulePath({}).nullable().describe('a module path, or null for what is built in');
  return notYet<PluginSetting<typeof schema, never>>({ ...setting(schema, null, doc), plugin: 'one', point: null });
}

/** Whether the setting names modules. */
export function isPluginSetting(each: Setting): each is PluginSetting {
  return 'plugin' in each;
}

/** The schema of a module path. */
export function modulePath<Shape>(names: Names) {
  const named = path.transform((text) => names[text] ?? text);
  const byClass = z.custom<PluginClass<Shape>>(isClass);
  return z
    .union([named, byClass, z.tuple([z.union([named, byClass]), options])])
    .describe(`${listed(names)}a module path such as "./plugins/mine.ts#Mine", or [path, options]`);
}

function one<Shape, Schema extends z.ZodType>(
  point: PlugPoint<Shape>,
  schema: Schema,
  value: z.input<Schema>,
  doc: string,
): PluginSetting<Schema, Shape> {
  return { ...setting(schema, value, doc), plugin: 'one', point };
}

function listed(names: Names): string {
  const short = Object.keys(names).filter((name) => !name.includes('.'));
  return short.length > 0 ? `${short.map((name) => JSON.stringify(name)).join(', ')} or ` : '';
}

/** Includes classes that were compiled to functions; functions without a prototype cannot be constructed. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}
