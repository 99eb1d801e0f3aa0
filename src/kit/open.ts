import type { Logger } from 'pino';
import type { Lifecycle } from '../contracts/plug-points/lifecycle.ts';
import type { LoadedSettings, Plugins } from '../settings/index.ts';
import { openDatabase } from '../store/engine/open.ts';
import type { Kit } from './kit.ts';
import { createLogger } from '../log/log.ts';
import { loadPlugins } from './plugins.ts';
import { stopWatch } from './sessions/watch.ts';
import { createTallies } from './tallies.ts';

export interface KitOptions {
  /** Unix seconds; default: the clock. */
  now?: () => number;
  /** Default: JSON lines on stderr, filtered by LOG_LEVEL. */
  log?: Logger;
}

/**
 * Opens the database and creates the plugins that the settings name. Call `openPlugins` when the schema is up to date.
 * @throws {PluginError} with all modules that cannot be used; {DatabaseUnavailable}
 */
export async function openKit({ settings, sources, folder, production }: LoadedSettings, options: KitOptions = {}): Promise<Kit> {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const plugins = {} as Plugins; // filled below: the constructors of the plugins get the kit
  const log = options.log ?? createLogger(settings);
  const db = await openDatabase(settings.DATABASE, { folder });
  const kit: Kit = { settings, sources, production, folder, db, now, log, plugins, onEvents: new Set(), tallies: createTallies() };
  try {
    Object.assign(plugins, await loadPlugins(kit));
  } catch (error) {
    await db.close();
    throw error;
  }
  Object.freeze(plugins);
  return kit;
}

/** Calls `open` of each plugin in turn. @throws what a plugin throws */
export async function openPlugins(kit: Kit): Promise<void> {
  for (const plugin of instancesOf(kit)) await plugin.open?.();
}

/** Closes the plugins in reverse order, then the database. A plugin that fails to close is logged; the others are still closed. */
export async function closeKit(kit: Kit): Promise<void> {
  await stopWatch(kit);
  for (const plugin of instancesOf(kit).reverse()) {
    try {
      await plugin.close?.();
    } catch (error) {
      kit.log.error({ err: error, plugin: plugin.constructor.name }, 'a plugin failed to close');
    }
  }
  await kit.db.close();
}

function instancesOf({ plugins }: Kit): Lifecycle[] {
  const instances = Object.values(plugins).flat() as (Lifecycle | null)[]; // every plug point includes Lifecycle, or leaves it out
  return instances.filter((instance) => instance !== null);
}
