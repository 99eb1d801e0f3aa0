import type { Command } from 'commander';
import { loadPlugins, PluginError } from '../kit/plugins.ts';
import { describeSettings, SettingsError, type LoadedSettings, type SettingRow } from '../settings/index.ts';
import { KeysUnusable } from '../tokens/keys/configured-keys.ts';
import { inspectKeys } from '../tokens/keys/open-keys.ts';
import { JWTTokenStrategy } from '../tokens/strategies/jwt.ts';
import { configOption, jsonOption, load, withIdleKit, type ConfigOption } from './open.ts';
import { print, printAside, printJson, table } from './output.ts';

interface ConfigOptions extends ConfigOption {
  json?: true;
}

/** The maximum number of characters of a value in the table. */
const WIDEST = 80;

/** `allauth config`: the settings in effect, or everything that is wrong with them. */
export function addConfig(program: Command): void {
  program
    .command('config')
    .description(
      'Shows the settings in force and where each comes from: default, file, environment. Checks them, the plugins and the keys, ' +
        'and says all that is wrong at once (exit code 1). Secrets are never shown.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth config --json')
    .action(showConfig);
}

async function showConfig(options: ConfigOptions): Promise<void> {
  const { loaded, problems } = await check(options);
  const rows = loaded ? describeSettings(loaded) : [];
  if (options.json) {
    const { file = null, folder = null, production = null, warnings = [] } = loaded ?? {};
    printJson({ file, folder, production, settings: rows, warnings, problems });
  } else if (loaded) print(...describeLoaded(loaded, rows));
  printAside(...(loaded?.warnings ?? []).map((warning) => `Warning: ${warning}`), ...problems);
  if (problems.length > 0) process.exitCode = 1;
}

async function check(options: ConfigOption): Promise<{ loaded: LoadedSettings | null; problems: string[] }> {
  try {
    const loaded = await load(options);
    return { loaded, problems: await checkModules(loaded) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { loaded: null, problems: error.message.split('\n') };
  }
}

/** Problems of plugins and keys; a strategy without JSON Web Tokens needs no keys. */
function checkModules(loaded: LoadedSettings): Promise<string[]> {
  return withIdleKit(loaded, async (kit) => {
    const problems: string[] = [];
    let strategy: unknown = null;
    try {
      strategy = (await loadPlugins(kit)).HEADLESS_TOKEN_STRATEGY;
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      problems.push(...error.problems);
    }
    if (strategy !== null && !(strategy instanceof JWTTokenStrategy)) return problems;
    try {
      await inspectKeys(kit);
    } catch (error) {
      if (!(error instanceof KeysUnusable)) throw error;
      problems.push(...error.problems);
    }
    return problems;
  });
}

function describeLoaded({ file, folder, production }: LoadedSettings, rows: readonly SettingRow[]): string[] {
  const given = rows.filter(({ source }) => source !== 'default');
  const defaults = rows.filter(({ source }) => source === 'default');
  return [
    `Config file: ${file ?? `none in ${folder}`}`,
    `Mode: ${production ? 'production' : 'development (NODE_ENV is not production)'}`,
    '',
    'Given:',
    ...(given.length > 0 ? table(given.map(describeRow)) : ['  nothing']),
    '',
    'Defaults:',
    ...table(defaults.map(describeRow)),
  ];
}

function describeRow({ name, value, source, secret, hasEffect }: SettingRow): string[] {
  return [
    `  ${name}`,
    secret ? (value ? 'set' : 'not set') : shorten(JSON.stringify(value, nameClasses)),
    hasEffect ? source : `${source}, no effect yet`,
  ];
}

/** A config in code may contain classes. */
function nameClasses(_key: string, value: unknown): unknown {
  return typeof value === 'function' ? `class ${value.name}` : value;
}

function shorten(text: string): string {
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}
