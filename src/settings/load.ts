import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { jsonFaultLine } from './json.ts';
import { importFile, ModuleError } from './modules.ts';
import { parseSettings, type LoadedSettings } from './parse.ts';
import { SettingsError } from './problems.ts';

export interface LoadOptions {
  /** Where the search starts. */
  cwd: string;
  /** The config file to use instead of searching for one; relative to `cwd`. */
  file?: string;
  /** Default: `process.env`. */
  environment?: NodeJS.ProcessEnv;
}

const MODULES = ['.ts', '.mts', '.js', '.mjs', '.cjs'];

/** Names of config files, in the order of the search. */
const PLACES = [...[...MODULES, '.json'].map((extension) => `allauth.config${extension}`), 'package.json'];

/** The key of package.json. */
const KEY = 'allauth';

/**
 * Loads the settings of a project from its config file and the environment, which takes precedence. The file is searched for from `cwd` up
 * to the folder of the nearest package.json; without one, the defaults apply.
 * @throws {SettingsError} that lists all problems
 */
export async function loadSettings({ cwd, file, environment }: LoadOptions): Promise<LoadedSettings> {
  const found = file === undefined ? await search(cwd) : { path: resolve(cwd, file), config: await loadFile(resolve(cwd, file)) };
  const more = environment ? { environment } : {};
  if (!found) return parseSettings({}, { folder: cwd, file: null, ...more });
  return parseSettings(found.config, { folder: dirname(found.path), file: found.path, ...more });
}

async function search(cwd: string): Promise<{ path: string; config: unknown } | null> {
  // Loaded dynamically, so that a start with settings in code does not load the search.
  const { cosmiconfig } = await import('cosmiconfig');
  const found = await cosmiconfig(KEY, {
    searchStrategy: 'project',
    searchPlaces: PLACES,
    packageProp: KEY,
    cache: false,
    ignoreEmptySearchPlaces: false,
    loaders: { ...Object.fromEntries(MODULES.map((extension) => [extension, loadModule])), '.json': loadJson },
  }).search(cwd);
  if (!found) return null;
  if (found.isEmpty) throw fault(found.filepath, 'is empty; it must give an object of settings');
  return { path: found.filepath, config: found.config };
}

async function loadFile(path: string): Promise<unknown> {
  const extension = extname(path);
  if (extension !== '.json' && !MODULES.includes(extension)) {
    throw fault(path, `is no config file: its name must end in ${[...MODULES, '.json'].join(', ')}`);
  }
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw fault(
      path,
      isMissing(error) ? 'there is no such file' : `cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  if (extension !== '.json') return loadModule(path);
  const json = loadJson(path, content);
  if (basename(path) !== 'package.json') return json;
  if (typeof json === 'object' && json !== null && KEY in json) return json[KEY];
  throw fault(path, `has no key "${KEY}"`);
}

async function loadModule(path: string): Promise<unknown> {
  try {
    const exports = await importFile(path);
    if ('default' in exports) return exports['default'];
  } catch (error) {
    if (error instanceof ModuleError) throw fault('', error.message);
    throw error;
  }
  throw fault(path, 'has no default export; it must end in `export default defineConfig({ … })`');
}

function loadJson(path: string, content: string): unknown {
  try {
    const value: unknown = JSON.parse(content.replace(/^\uFEFF/, ''));
    return value;
  } catch {
    // The message of JSON.parse quotes the text, which may contain secrets.
    throw fault(`${path}:${jsonFaultLine(content)}`, 'is not valid JSON');
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function fault(source: string, message: string): SettingsError {
  return new SettingsError([{ name: '', source, message }]);
}
