import type { PlugPoint } from './plug-point.ts';
import type { EventRecord } from '../records.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Setting PLUGINS: is notified of events. */
export interface Plugin extends Lifecycle {
  /**
   * The name under which the database stores how far the plugin was notified. It must be unique and must not change; at most 200
   * characters. Default: its module path. Shown to admins, so it must not contain a secret.
   */
  readonly name?: string;
  /**
   * Called at least once for every event, in order, in the background, after the change was committed; only one server calls it at a time.
   * If it throws or takes longer than 30 seconds, this is logged and the call is retried, with a delay that grows to five minutes; later
   * events wait until it succeeds. The same event may come again, with the same `id`.
   */
  onEvent?(event: EventRecord): Promise<void> | void;
}

export const plugin: PlugPoint<Plugin> = {
  shape: 'Plugin',
  kind: 'event-listener',
  noun: 'a plugin',
  summary: 'is notified of the events of the audit log',
  methods: {
    onEvent: 'optional',
  },
};
