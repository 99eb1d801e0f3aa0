import type { PlugPoint } from './plug-point.ts';
import type { EventRecord } from '../records.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Setting PLUGINS: hears of what happens. */
export interface Plugin extends Lifecycle {
  /**
   * Under this name the database keeps how far it has heard, so it must not change, nor be another one's; at most 200 characters.
   * Default: its module path. No secret: it is shown to admins.
   */
  readonly name?: string;
  /**
   * Told of every event at least once, in their order, in the background, after the change was committed; of several servers one tells it.
   * What it throws, and what takes longer than 30 seconds, is logged and tried again, later each time, up to every five minutes;
   * until it succeeds it hears of nothing else. An event that it has heard of may come again, with the same `id`.
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
