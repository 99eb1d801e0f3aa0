import type { Logger } from 'pino';
import type { EventRecord } from '../contracts/records.ts';
import type { Plugins, Settings, Source } from '../settings/index.ts';
import type { Database } from '../store/engine/database.ts';
import type { Tallies } from './tallies.ts';

/** What one running server shares. Made once at boot, never changed after; knows no area and no web framework. */
export interface Kit {
  readonly settings: Settings;
  /** Where each setting's value comes from, by name. */
  readonly sources: ReadonlyMap<string, Source>;
  /** NODE_ENV=production. */
  readonly production: boolean;
  /** Absolute path of the folder of the config file; relative paths in settings start here. */
  readonly folder: string;
  readonly db: Database;
  /** Unix seconds. Tests put a clock of their own here. */
  readonly now: () => number;
  readonly log: Logger;
  /** One instance for each setting that names a module. Filled when all are made: a constructor must not look here, `open` may. */
  readonly plugins: Plugins;
  /** Told of events that this process has committed. They must be quick and not throw: a request waits for them. */
  readonly onEvents: Set<(events: readonly EventRecord[]) => void>;
  /** Counts what has no line in the audit log. */
  readonly tallies: Tallies;
}
