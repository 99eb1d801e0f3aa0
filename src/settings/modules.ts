import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { allowTypeScript, resolveFrom } from './hooks.ts';
import { brokenModule, ModuleError } from './module-errors.ts';
import { nearest } from './nearest.ts';

export { ModuleError } from './module-errors.ts';

/** A module that was loaded. */
export interface LoadedModule {
  exports: Record<string, unknown>;
  /** Absolute path. */
  file: string;
}

/**
 * Loads the module that a setting or a plugin path names: `./x.ts`, `../x.js` and absolute paths start from `folder`; anything else is a
 * package, resolved as for a file in `folder`. `allauth-kit/…` always resolves to this package, even if it is not installed there.
 * @throws {ModuleError} that says what was searched for and where, or what is wrong with it
 */
export async function importModule(specifier: string, folder: string): Promise<LoadedModule> {
  const file = isPath(specifier) ? findFile(specifier, folder) : findInPackage(specifier, folder);
  return { exports: await importFile(file), file };
}

/** Loads one file, including TypeScript. @throws {ModuleError} with kind `broken` */
export async function importFile(file: string): Promise<Record<string, unknown>> {
  if (/\.m?ts$/.test(file)) await allowTypeScript();
  try {
    const namespace: unknown = await import(pathToFileURL(file).href);
    return exportsOf(namespace);
  } catch (error) {
    throw brokenModule(file, error);
  }
}

function isPath(specifier: string): boolean {
  return /^\.{1,2}([\\/]|$)/.test(specifier) || isAbsolute(specifier) || specifier.startsWith('file:');
}

function findFile(specifier: string, folder: string): string {
  const file = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(folder, specifier);
  if (isFile(file)) return file;
  if (existsSync(file)) throw new ModuleError('not-found', `${file} is a folder, not a file`);
  const parent = dirname(file);
  if (!existsSync(parent)) throw new ModuleError('not-found', `there is no folder ${parent}`);
  const names = readdirSync(parent);
  const close = names.find((name) => name.replace(/\.[^.]*$/, '') === basename(file)) ?? nearest(basename(file), names);
  throw new ModuleError(
    'not-found',
    `there is no file ${file}${close ? `; did you mean ${pathFrom(folder, resolve(parent, close))}?` : ''}`,
  );
}

function findInPackage(specifier: string, folder: string): string {
  const own = /^allauth-kit(\/|$)/.test(specifier);
  try {
    const file = own ? fileURLToPath(import.meta.resolve(specifier)) : resolveFrom(specifier, folder);
    if (isFile(file)) return file;
    throw new ModuleError('not-found', `there is no ${specifier} in this package (${file})`);
  } catch (error) {
    if (error instanceof ModuleError) throw error;
    throw new ModuleError('not-found', `${whyNotFound(specifier, folder, own, error)}${hint(specifier, folder)}`, { cause: error });
  }
}

function whyNotFound(specifier: string, folder: string, own: boolean, error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : '';
  const [name = specifier] = /^(@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return `package ${name} does not export ${specifier}`;
  if (own) return `there is no ${specifier} in this package`;
  if (code === 'ERR_MODULE_NOT_FOUND') return `there is no package ${specifier} in a node_modules folder of ${folder} or above it`;
  return `${specifier} cannot be found from ${folder} (${error instanceof Error ? error.message : String(error)})`;
}

/** File paths must start with `./`, which is easily forgotten. */
function hint(specifier: string, folder: string): string {
  return isFile(resolve(folder, specifier)) ? `; did you mean ./${specifier}?` : '';
}

function pathFrom(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll('\\', '/');
  return path.startsWith('../') ? path : `./${path}`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The members of CommonJS's `module.exports` (or of its `default`, if it was compiled from ES modules) count as named exports. */
function exportsOf(namespace: unknown): Record<string, unknown> {
  const { 'module.exports': _, ...exports } = Object.fromEntries(Object.entries(namespace ?? {}));
  const main: unknown = exports['default'];
  if (typeof main !== 'object' || main === null || !('__esModule' in main)) return exports;
  return { ...exports, ...Object.fromEntries(Object.entries(main)) };
}
