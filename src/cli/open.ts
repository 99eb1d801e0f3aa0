import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Kit } from '../kit/kit.ts';
import { createLogger } from '../log/log.ts';
import { createTallies } from '../kit/tallies.ts';
import { openAllauth } from '../server.ts';
import { loadSettings, type LoadedSettings, type Plugins } from '../settings/index.ts';
import { openDatabase } from '../store/engine/open.ts';

/** The option that every command has which reads settings. */
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

/** Runs `work` on the database with everything that a server has but the port. What the server would warn of at its start is not said. */
export async function withKit<Result>(options: ConfigOption, work: (kit: Kit) => Promise<Result>): Promise<Result> {
  const loaded = await load(options);
  const allauth = await openAllauth(loaded, { log: createLogger({ LOG_LEVEL: 'error' }), background: false });
  try {
    return await work(allauth.kit);
  } finally {
    await allauth.close();
  }
}

/** Runs `work` with a kit that touches neither the database nor any file, and has no plugins yet: to look at what the settings name. */
export async function withIdleKit<Result>(
  { settings, sources, folder, production }: LoadedSettings,
  work: (kit: Kit) => Promise<Result>,
): Promise<Result> {
  const db = await openDatabase('sqlite://:memory:', { folder });
  const plugins = {} as Plugins; // constructors, which alone run here, must not look into it
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
