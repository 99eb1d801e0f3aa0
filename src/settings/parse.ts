import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { aliases } from './account.ts';
import { conflicts, REQUIRED } from './checks.ts';
import { declared, eachDeclared, type Config, type SettingName, type Settings } from './declared.ts';
import { parseText, readEnvironment, readJson, takesText } from './environment.ts';
import { modeWarnings, readMode } from './mode.ts';
import { nearest } from './nearest.ts';
import { isPluginSetting } from './plugin-setting.ts';
import { SettingsError, type Problem } from './problems.ts';
import type { DefaultContext, Setting } from './setting.ts';
import { showValue, whereFaulty, withoutOptions } from './values.ts';

/** Where a value comes from. */
export type Source = 'default' | 'file' | 'code' | 'environment';

/** Validated settings, and where they come from. */
export interface LoadedSettings {
  readonly settings: Settings;
  /** Absolute path of the folder that relative paths in settings start from: that of the config file, otherwise the working directory. */
  readonly folder: string;
  /** Absolute path of the config file; `null` if there is none. */
  readonly file: string | null;
  /** NODE_ENV=production. */
  readonly production: boolean;
  /** Where each value comes from, by name. */
  readonly sources: ReadonlyMap<string, Source>;
  /** Warnings to log at the start: settings without effect, and values that are doubtful in this mode. */
  readonly warnings: readonly string[];
}

export interface FromOptions {
  /** The folder that relative paths in the settings start from. */
  folder: string;
  /** Default: `process.env`. */
  environment?: NodeJS.ProcessEnv;
}

/** Validates settings that are given in code; the environment takes precedence. @throws {SettingsError} that lists all problems */
export async function settingsFrom(config: Config | Record<string, unknown>, options: FromOptions): Promise<LoadedSettings> {
  return parseSettings(config, { ...options, file: null });
}

/** A value, and where it was set. */
interface Given {
  source: Exclude<Source, 'default'>;
  /** As messages name it. */
  label: string;
  value: unknown;
}

/** Validates the settings of a config, from a file or (`file` is `null`) given in code. @throws {SettingsError} that lists all problems */
export async function parseSettings(config: unknown, { folder, file, environment = process.env }: FromOptions & { file: string | null }) {
  const { production, problem: badMode } = readMode(environment);
  const context: DefaultContext = { production };
  const { given, problems } = readConfig(config, file);
  if (badMode) problems.push(badMode);
  const read = await readEnvironment(environment, [...Object.keys(declared), ...Object.keys(aliases)], folder);
  problems.push(...read.problems);
  const variables = new Map<SettingName, Given>();
  for (const [name, { source: label, text }] of read.variables) {
    put(variables, problems, name, { source: 'environment', label, value: text });
  }
  for (const [name, variable] of variables) given.set(name, variable);

  const values: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [name, each] of eachDeclared()) {
    const result = parseOne(name, each, given.get(name), context);
    if ('problem' in result) problems.push(result.problem);
    else {
      values[name] = result.value;
      if (result.warning) warnings.push(result.warning);
    }
  }
  // Each member was produced by the schema that defines its type; invalid ones are missing.
  const parsed: Partial<Settings> = values;
  for (const { name, message } of conflicts(parsed, context.production)) problems.push({ name, source: labelOf(given.get(name)), message });
  if (problems.length > 0) throw new SettingsError(problems);

  const settings = Object.freeze(parsed) as Settings;
  const loaded: LoadedSettings = {
    settings,
    folder: resolve(folder),
    file,
    production: context.production,
    sources: new Map(eachDeclared().map(([name]) => [name, given.get(name)?.source ?? 'default'])),
    warnings: [...warnings, ...modeWarnings(settings, production)],
  };
  return loaded;
}

/** The default of a setting, as a user would write it; `undefined` if a value is required. */
export function defaultOf(setting: Setting, context: DefaultContext): unknown {
  return typeof setting.default === 'function' ? (setting.default as (context: DefaultContext) => unknown)(context) : setting.default;
}

function readConfig(config: unknown, file: string | null): { given: Map<SettingName, Given>; problems: Problem[] } {
  const label = file ?? 'given in code';
  const given = new Map<SettingName, Given>();
  const problems: Problem[] = [];
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    const what = typeof config === 'function' ? 'a function' : showValue(config, false);
    throw new SettingsError([{ name: '', source: label, message: `the config must be an object of settings, and is ${what}` }]);
  }
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    put(given, problems, name, { source: file === null ? 'code' : 'file', label, value });
  }
  return { given, problems };
}

/** Stores a value under the declared name of its setting. */
function put(all: Map<SettingName, Given>, problems: Problem[], name: string, given: Given): void {
  const known = declaredName(name);
  if (known === null) {
    const close = nearest(name, [...Object.keys(declared), ...Object.keys(aliases)]);
    problems.push({ name, source: given.label, message: `is not a setting${close ? `; did you mean ${close}?` : ''}` });
  } else if (all.has(known)) {
    problems.push({ name, source: given.label, message: `${Object.keys(aliases).join()} is another name of ${known}; set one of them` });
  } else all.set(known, given);
}

function declaredName(name: string): SettingName | null {
  if (Object.hasOwn(declared, name)) return name as SettingName;
  return Object.hasOwn(aliases, name) ? aliases[name as keyof typeof aliases] : null;
}

type Parsed = { value: unknown; warning: string | null } | { problem: Problem };

function parseOne(name: SettingName, setting: Setting, given: Given | undefined, context: DefaultContext): Parsed {
  const standard = defaultOf(setting, context);
  if (!given && standard === undefined) return { problem: { name, source: '', message: REQUIRED[name] ?? 'must be set' } };
  const { schema } = setting;
  const fallback = standard === undefined ? undefined : schema.parse(standard);
  if (!given) return { value: fallback, warning: null };
  const result = given.source === 'environment' ? parseText(schema, String(given.value)) : schema.safeParse(given.value);
  if (!result.success) return { problem: { name, source: given.label, message: explain(setting, given, result.error.issues) } };
  if (result.data === null && standard === undefined)
    return { problem: { name, source: given.label, message: REQUIRED[name] ?? 'must be set' } };
  return { value: result.data, warning: warningOf(name, setting, result.data, fallback) };
}

function explain(setting: Setting, { source, value }: Given, issues: readonly z.core.$ZodIssue[]): string {
  const json = source === 'environment' && !takesText(setting.schema) ? ' (as JSON)' : '';
  const plain = isPluginSetting(setting) ? withoutOptions(typeof value === 'string' ? (readJson(value) ?? value) : value) : value;
  const shown = showValue(plain, setting.secret);
  const where = whereFaulty(issues);
  return `expected ${setting.schema.description ?? 'another value'}${json}, got ${shown}${where ? `; ${where}` : ''}`;
}

function warningOf(name: SettingName, setting: Setting, value: unknown, fallback: unknown): string | null {
  if (!setting.hasEffect) {
    return isDeepStrictEqual(value, fallback) ? null : `${name} has no effect yet: this version lacks its feature (${setting.doc})`;
  }
  const missing = setting.warning?.(value);
  return missing ? `${name} has no full effect yet: ${missing}` : null;
}

function labelOf(given: Given | undefined): string {
  return given?.label ?? 'default';
}
