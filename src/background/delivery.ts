import type { Plugin } from '../contracts/plug-points/plugin.ts';
import type { ModulePath } from '../settings/plugin-setting.ts';
import { registerPlugin } from '../store/plugin-cursors.ts';
import { DeliveryChannel } from './delivery-channel.ts';
import type { Kit } from '../kit/kit.ts';

/** Maximum characters of a plugin's name. */
const MAX_NAME_LENGTH = 200;

/** The delivery of events to plugins. */
export interface Delivery {
  /** Delivers what is committed, for a few seconds at most, then stops. The next start delivers the rest. */
  close(): Promise<void>;
}

/**
 * Delivers the events of the audit log to the plugins of PLUGINS in the background, in order and at least once. The position of each plugin is in the
 * database, so crashes and failures lose no event. A new plugin gets the events from its first start on.
 * @throws {Error} if two plugins have the same name
 */
export async function startDelivery(kit: Kit): Promise<Delivery> {
  const channels = [...listenersOf(kit)].map(([name, plugin]) => new DeliveryChannel(kit, name, plugin));
  for (const { name } of channels) await registerPlugin(kit.db, name);
  const wake = (): void => {
    for (const channel of channels) channel.wake();
  };
  if (channels.length > 0) kit.onEvents.add(wake);
  wake();
  return {
    async close() {
      kit.onEvents.delete(wake);
      await Promise.all(channels.map((channel) => channel.close()));
    },
  };
}

/** The plugins with `onEvent`, by the names that the database has for them. @throws {Error} if two have the same name */
export function listenersOf(kit: Pick<Kit, 'settings' | 'plugins'>): Map<string, Required<Pick<Plugin, 'onEvent'>>> {
  const named = new Map<string, Required<Pick<Plugin, 'onEvent'>>>();
  kit.plugins.PLUGINS.forEach((plugin, index) => {
    if (!hasOnEvent(plugin)) return;
    const path = kit.settings.PLUGINS[index];
    const name = (plugin.name ?? freeName(pathOf(path, plugin), named)).slice(0, MAX_NAME_LENGTH);
    if (named.has(name)) throw new Error(`PLUGINS: two plugins have the name ${JSON.stringify(name)}; give each its own name`);
    named.set(name, plugin);
  });
  return named;
}

function hasOnEvent(plugin: Plugin): plugin is Plugin & Required<Pick<Plugin, 'onEvent'>> {
  return plugin.onEvent !== undefined;
}

function pathOf(path: ModulePath | undefined, plugin: object): string {
  const [first] = Array.isArray(path) ? path : [path];
  return typeof first === 'string' ? first : plugin.constructor.name;
}

/** Distinguishes several instances of one module by their order. */
function freeName(path: string, taken: ReadonlyMap<string, unknown>): string {
  let name = path;
  for (let count = 2; taken.has(name); count += 1) name = `${path} (${count})`;
  return name;
}
