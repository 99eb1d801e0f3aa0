import { importModule, ModuleError } from '../settings/modules.ts';
import { nearest } from '../settings/nearest.ts';
import type { AnyPlugPoint } from '../contracts/plug-points/plug-point.ts';
import { eachPlugPoint, type DeclaredPlugPoint, type Plugins } from '../settings/index.ts';
import type { ModulePath } from '../settings/plugin-setting.ts';
import type { Kit } from './kit.ts';

/** Modules in the settings cannot be used. The message has a line for each. */
export class PluginError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
    this.name = 'PluginError';
    this.problems = problems;
  }
}

/**
 * Imports every module that the settings name, and creates an instance of each class.
 * @throws {PluginError} with all modules that cannot be loaded
 */
export async function loadPlugins(kit: Kit): Promise<Plugins> {
  const problems: string[] = [];
  const causes: unknown[] = [];
  const load = async (declared: DeclaredPlugPoint, path: ModulePath): Promise<object | null> => {
    try {
      return await makeInstance(kit, declared, path);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      problems.push(...error.problems);
      if (error.cause !== undefined) causes.push(error.cause);
      return null;
    }
  };
  const loaded = new Map<string, unknown>();
  for (const declared of eachPlugPoint()) {
    // The schemas of settings with a plug point return these.
    const value = kit.settings[declared.setting] as ModulePath | null | readonly ModulePath[];
    if (!declared.many) {
      loaded.set(declared.setting, value === null ? null : await load(declared, value as ModulePath));
      continue;
    }
    const instances = [];
    for (const path of value as readonly ModulePath[]) instances.push(await load(declared, path));
    loaded.set(declared.setting, instances);
  }
  if (problems.length > 0) throw new PluginError(problems, causes.length > 0 ? { cause: causes[0] } : {});
  // Each instance was checked against the methods of its plug point.
  return Object.fromEntries(loaded) as unknown as Plugins;
}

async function makeInstance(kit: Kit, { setting, point }: DeclaredPlugPoint, value: ModulePath): Promise<object> {
  const [path, options] = Array.isArray(value) ? value : [value, undefined];
  const { label, found } =
    typeof path === 'function' ? { label: path.name || 'a class', found: path } : await findExport(kit, setting, path);
  const refuse = (what: string): PluginError => new PluginError([`${setting}: ${label} ${what}`]);
  if (!isClass(found)) throw refuse('is not a class');
  const missing = missingMethods(found.prototype as object, point);
  if (missing.length > 0) throw refuse(`is not ${described(point)} (it has no ${missing.join(', ')})`);
  try {
    return new found(kit, options);
  } catch (error) {
    throw new PluginError([`${setting}: ${label} could not be made: ${messageOf(error)}`], { cause: error });
  }
}

function missingMethods(prototype: object, { methods }: AnyPlugPoint): string[] {
  const required = Object.keys(methods).filter((name) => methods[name] === 'required');
  return required.filter((name) => typeof Reflect.get(prototype, name) !== 'function');
}

function described({ noun, bases = [] }: AnyPlugPoint): string {
  return bases.length === 0 ? noun : `${noun}: derive it from ${bases.join(', ').replace(/, (?=[^,]*$)/, ' or ')}`;
}

async function findExport(kit: Kit, setting: string, path: string): Promise<{ label: string; found: unknown }> {
  const at = path.lastIndexOf('#');
  const [specifier, wanted] = at > 0 ? [path.slice(0, at), path.slice(at + 1)] : [path, 'default'];
  try {
    const { exports, file } = await importModule(specifier, kit.folder);
    const label = `${JSON.stringify(path)} (${wanted} of ${file})`;
    if (Object.hasOwn(exports, wanted)) return { label, found: exports[wanted] };
    throw new PluginError([`${setting}: ${JSON.stringify(path)}: ${noSuchExport(wanted, file, Object.keys(exports))}`]);
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    throw new PluginError([`${setting}: ${JSON.stringify(path)}: ${error.message}`], { cause: error });
  }
}

function noSuchExport(wanted: string, file: string, names: readonly string[]): string {
  const what = wanted === 'default' ? `${file} has no default export; name the export after a #` : `${file} has no export ${wanted}`;
  const close = nearest(wanted, names);
  const there = names.length > 0 ? `it has: ${names.join(', ')}` : 'it exports nothing';
  return `${what} (${there})${close ? `. Did you mean #${close}?` : ''}`;
}

function isClass(value: unknown): value is new (kit: Kit, options: unknown) => object {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
