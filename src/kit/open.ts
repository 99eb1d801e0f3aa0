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
  /** Default: JSON lines on stderr, by LOG_LEVEL. */
  log?: Logger;
}

/**
 * Opens the database and makes the plugins that the settings name. `openPlugins` follows once the schema is there.
 * @throws {PluginError} naming all modules that cannot be used; {DatabaseUnavailable}
 */
export async function openKit({ settings, sources, folder, production }: LoadedSettings, options: KitOptions = {}): Promise<Kit> {
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const plugins = {} as Plugins; // filled below: the plugins' constructors get the kit that will hold them
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

/** Calls `open` of the plugins, one after the other. @throws what the first of them throws, as it is */
export async function openPlugins(kit: Kit): Promise<void> {
  for (const plugin of instancesOf(kit)) await plugin.open?.();
}

/** Closes the plugins, those that were opened last first, and then the database. A plugin that fails to close is logged and keeps nobody else open. */
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
  const instances = Object.values(plugins).flat() as (Lifecycle | null)[]; // every plug point's shape has it, or lets it out
  return instances.filter((instance) => instance !== null);
}
