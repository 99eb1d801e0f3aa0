import type { Plugin } from '../contracts/plug-points/plugin.ts';
import type { ModulePath } from '../settings/plugin-setting.ts';
import { registerPlugin } from '../store/plugin-cursors.ts';
import { DeliveryChannel } from './delivery-channel.ts';
import type { Kit } from '../kit/kit.ts';

/** Characters of a plugin's name. */
const LONGEST_NAME = 200;

/** What tells the plugins of events in the background. */
export interface Delivery {
  /** Tells them what was committed before, for a few seconds at most, then stops. What they have not heard of the next start tells them. */
  close(): Promise<void>;
}

/**
 * Starts to tell the plugins of PLUGINS of every event in the audit log, in its order, at least once: how far each has heard is in the database,
 * so neither a crash nor a plugin that fails loses one. A plugin hears of what happens from its first start on.
 * @throws {Error} where two plugins go by one name
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

/** The plugins that hear of events, by the names under which the database knows them. @throws {Error} where two go by one name */
export function listenersOf(kit: Pick<Kit, 'settings' | 'plugins'>): Map<string, Required<Pick<Plugin, 'onEvent'>>> {
  const named = new Map<string, Required<Pick<Plugin, 'onEvent'>>>();
  kit.plugins.PLUGINS.forEach((plugin, index) => {
    if (!hears(plugin)) return;
    const path = kit.settings.PLUGINS[index];
    const name = (plugin.name ?? freeName(pathOf(path, plugin), named)).slice(0, LONGEST_NAME);
    if (named.has(name)) throw new Error(`PLUGINS: two plugins go by the name ${JSON.stringify(name)}; give each a name of its own`);
    named.set(name, plugin);
  });
  return named;
}

function hears(plugin: Plugin): plugin is Plugin & Required<Pick<Plugin, 'onEvent'>> {
  return plugin.onEvent !== undefined;
}

function pathOf(path: ModulePath | undefined, plugin: object): string {
  const [first] = Array.isArray(path) ? path : [path];
  return typeof first === 'string' ? first : plugin.constructor.name;
}

/** Several instances of one module are told apart by their order. */
function freeName(path: string, taken: ReadonlyMap<string, unknown>): string {
  let name = path;
  for (let count = 2; taken.has(name); count += 1) name = `${path} (${count})`;
  return name;
}
