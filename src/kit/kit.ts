import type { Logger } from 'pino';
import type { EventRecord } from '../contracts/records.ts';
import type { Plugins, Settings, Source } from '../settings/index.ts';
import type { Database } from '../store/engine/database.ts';
import type { Tallies } from './tallies.ts';

/** What the parts of a running server share. Created at boot and never changed. Independent of areas and of the web framework. */
export interface Kit {
  readonly settings: Settings;
  /** The source of each setting's value, by name. */
  readonly sources: ReadonlyMap<string, Source>;
  /** NODE_ENV=production. */
  readonly production: boolean;
  /** The absolute path of the config file's folder, to which paths in settings are relative. */
  readonly folder: string;
  readonly db: Database;
  /** Unix seconds. Tests replace it. */
  readonly now: () => number;
  readonly log: Logger;
  /** An instance for each setting that names a module. Empty until all are created: plugins may use it from `open` on, not in constructors. */
  readonly plugins: Plugins;
  /** Called with the events that this process commits. Listeners must be fast and must not throw: a request waits for them. */
  readonly onEvents: Set<(events: readonly EventRecord[]) => void>;
  /** Counts what is not in the audit log. */
  readonly tallies: Tallies;
}
