import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Kit } from '../kit/kit.ts';
import { createLogger } from '../log/log.ts';
import { createTallies } from '../kit/tallies.ts';
import { openAllauth } from '../server.ts';
import { loadSettings, type LoadedSettings, type Plugins } from '../settings/index.ts';
import { openDatabase } from '../store/engine/open.ts';

/** The option of every command that reads settings. */
export interface ConfigOption {
  config?: string;
}

/** `--config <file>`. */
export function configOption(): Option {
  return new Option('--config <file>', 'the config file; default: allauth.config.* here or in a folder above');
}

/** `--json`. */
export function jsonOption(): Option {
  return new Option('--json', 'print JSON');
}

/** The settings of `--config`, or of the project that the working directory is in. @throws {SettingsError} */
export async function load({ config }: ConfigOption): Promise<LoadedSettings> {
  const cwd = process.cwd();
  return loadSettings({ cwd, ...(config !== undefined && { file: resolve(cwd, config) }) });
}

/** Runs `work` with everything that a server has except the port. The warnings of a server start are not printed. */
export async function withKit<Result>(options: ConfigOption, work: (kit: Kit) => Promise<Result>): Promise<Result> {
  const loaded = await load(options);
  const allauth = await openAllauth(loaded, { log: createLogger({ LOG_LEVEL: 'error' }), background: false });
  try {
    return await work(allauth.kit);
  } finally {
    await allauth.close();
  }
}

/** Runs `work` with a kit that uses neither the database nor files, and has no plugins yet: to check what the settings name. */
export async function withIdleKit<Result>(
  { settings, sources, folder, production }: LoadedSettings,
  work: (kit: Kit) => Promise<Result>,
): Promise<Result> {
  const db = await openDatabase('sqlite://:memory:', { folder });
  const plugins = {} as Plugins; // only constructors run here, and they must not use it
  try {
    return await work({
      settings,
      sources,
      folder,
      production,
      db,
      plugins,
      now: () => Math.floor(Date.now() / 1000),
      log: createLogger({ LOG_LEVEL: 'error' }),
      onEvents: new Set(),
      tallies: createTallies(),
    });
  } finally {
    await db.close();
  }
}
