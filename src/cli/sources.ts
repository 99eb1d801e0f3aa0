import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { eachPlugPoint, type LoadedSettings } from '../settings/index.ts';

/** A file that can be a config, a plugin, or imported by one. */
export const MODULE_FILE = /\.(?:[cm]?[jt]s|json)$/;

/** The relative paths in `import … from './x.ts'`, `import './x.ts'`, `import('./x.ts')` and `require('./x.js')`. */
const LOCAL_IMPORT = /\b(?:from|import|require)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** The folders in which the config is searched for: that of `file`, otherwise `cwd` and its parents up to that of package.json. */
export function configFolders(cwd: string, file?: string): string[] {
  if (file !== undefined) return [dirname(resolve(cwd, file))];
  const folders = [cwd];
  for (let folder = cwd; !existsSync(join(folder, 'package.json'));) {
    const parent = dirname(folder);
    if (parent === folder) return [cwd]; // no project
    folders.push((folder = parent));
  }
  return folders;
}

/** The folders of the files that define the server's settings and plugins, including their relative imports. */
export function sourceFolders({ settings, file, folder }: LoadedSettings): string[] {
  const values = eachPlugPoint().flatMap(({ setting }) => settings[setting] as unknown);
  const paths = values.flatMap((value) => pathOf(Array.isArray(value) ? (value as unknown[])[0] : value) ?? []);
  return foldersOf([...(file === null ? [] : [file]), ...paths.map((path) => resolve(folder, path))], folder);
}

/**
 * The folders of the files and of all their relative imports within `root`, without installed or built files. For a file that does not
 * exist yet, its folder is included.
 */
export function foldersOf(files: readonly string[], root: string): string[] {
  const seen = new Set<string>();
  const pending = [...files];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file) || isForeign(file, root)) continue;
    seen.add(file);
    pending.push(...importsOf(file));
  }
  return [...new Set([...seen].map(dirname))];
}

/** The path in a setting that names a module; `null` for packages and classes. */
function pathOf(value: unknown): string | null {
  return typeof value === 'string' && /^(?:\.{1,2}[\\/]|[\\/]|[a-z]:[\\/])/i.test(value) ? value.replace(/#[^#]*$/, '') : null;
}

function importsOf(file: string): string[] {
  if (!MODULE_FILE.test(file) || !isFile(file)) return [];
  const found = readFileSync(file, 'utf8').matchAll(LOCAL_IMPORT);
  return [...found].map(([, path = '']) => sourceOf(resolve(dirname(file), path)));
}

/** TypeScript may be imported by the name of its compiled file, or without an extension. */
function sourceOf(path: string): string {
  return [path, path.replace(/\.([cm]?)js$/, '.$1ts'), `${path}.ts`, `${path}.js`].find(isFile) ?? path;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isForeign(file: string, root: string): boolean {
  const folders = relative(root, dirname(file)).split(sep);
  return folders.includes('node_modules') || folders.includes('dist');
}
