import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf, textOrNull, type Row } from './engine/statements.ts';

/** How far a plugin has heard of the audit log. Times are Unix seconds. */
export interface PluginCursor {
  plugin: string;
  /** The last event that it has heard of. */
  eventId: number;
  /** Failures since then, one after the other. */
  failures: number;
  /** When it is tried again after a failure; 0: it has not failed. */
  retryAt: number;
  /** What it failed with last; `null`: it has not failed since the last success. */
  lastError: string | null;
  /** When it last heard of an event; 0: never. */
  deliveredAt: number;
}

export interface CursorState extends PluginCursor {
  /** Events that it has not heard of yet, counted up to `PENDING_MAX`. */
  pending: number;
}

/** Where counting what is pending stops. */
export const PENDING_MAX = 1000;

/** Who tells a plugin of events. */
export interface Holder {
  plugin: string;
  owner: string;
}

export interface Lease extends Holder {
  /** Unix seconds until which nobody else tells it. */
  until: number;
}

const COLUMNS = 'plugin, event_id, failures, retry_at, last_error, delivered_at';

// A plugin that is new hears of what happens from now on.
const REGISTER = statement(
  'plugin_cursors_register',
  `INSERT INTO plugin_cursors (plugin, event_id, lease_until, failures, retry_at, delivered_at)
   SELECT CAST(?1 AS text), coalesce((SELECT max(id) FROM events), 0), 0, 0, 0, 0 WHERE true ON CONFLICT (plugin) DO NOTHING`,
);
const IS_BEHIND = statement(
  'plugin_cursors_behind',
  `SELECT plugin FROM plugin_cursors WHERE plugin = ?1 AND retry_at <= ?2 AND event_id < (SELECT max(id) FROM events)`,
);
const CLAIM = statement(
  'plugin_cursors_claim',
  `UPDATE plugin_cursors SET lease_owner = ?2, lease_until = ?4
   WHERE plugin = ?1 AND retry_at <= ?3 AND (lease_until <= ?3 OR lease_owner = ?2) RETURNING ${COLUMNS}`,
);
const ADVANCE = statement(
  'plugin_cursors_advance',
  `UPDATE plugin_cursors SET event_id = ?3, lease_until = ?4, failures = 0, retry_at = 0, last_error = NULL, delivered_at = ?5
   WHERE plugin = ?1 AND lease_owner = ?2 RETURNING plugin`,
);
const FAIL = statement(
  'plugin_cursors_fail',
  `UPDATE plugin_cursors SET failures = failures + 1, retry_at = ?3, last_error = ?4, lease_until = 0, lease_owner = NULL
   WHERE plugin = ?1 AND lease_owner = ?2 RETURNING plugin`,
);
const RELEASE = statement(
  'plugin_cursors_release',
  `UPDATE plugin_cursors SET lease_until = 0, lease_owner = NULL WHERE plugin = ?1 AND lease_owner = ?2`,
);
const LIST = statement(
  'plugin_cursors_list',
  `SELECT ${COLUMNS}, (SELECT count(*) FROM (SELECT 1 FROM events AS e WHERE e.id > c.event_id LIMIT ${PENDING_MAX}) AS behind) AS pending
   FROM plugin_cursors AS c ORDER BY plugin`,
);

/** Makes the cursor of a plugin that is new here, at the last event of the log. */
export async function registerPlugin(db: Database, plugin: string): Promise<void> {
  await db.write(REGISTER, [plugin]);
}

/** Whether there are events for the plugin, and its time after a failure is over. Cheap: many ask, often. */
export async function isBehind(db: Database, plugin: string, now: number): Promise<boolean> {
  return (await db.all(IS_BEHIND, [plugin, now])).length > 0;
}

/** Takes the lease; of any number of servers one has it at a time. `null`: another one has it, or the plugin is not to be tried yet. */
export async function claimPlugin(db: Database, { plugin, owner, until }: Lease, now: number): Promise<PluginCursor | null> {
  const [row] = await db.write(CLAIM, [plugin, owner, now, until]);
  return row ? cursorOf(row) : null;
}

/** Notes that the plugin has heard of all up to `eventId`; `lease.until` 0 gives the lease up. False: the lease was lost. */
export async function advancePlugin(db: Database, lease: Lease, eventId: number, now: number): Promise<boolean> {
  return (await db.write(ADVANCE, [lease.plugin, lease.owner, eventId, lease.until, now])).length > 0;
}

/** Notes a failure and gives the lease up: nobody tries again before `retryAt`. */
export async function failPlugin(db: Database, { plugin, owner }: Holder, retryAt: number, error: string): Promise<void> {
  await db.write(FAIL, [plugin, owner, retryAt, error]);
}

/** Gives the lease up. */
export async function releasePlugin(db: Database, { plugin, owner }: Holder): Promise<void> {
  await db.write(RELEASE, [plugin, owner]);
}

/** All plugins that have heard of events here, those too that the settings name no more. */
export async function listPluginCursors(db: Database): Promise<CursorState[]> {
  return (await db.all(LIST, [])).map((row) => ({ ...cursorOf(row), pending: numberOf(row, 'pending') }));
}

function cursorOf(row: Row): PluginCursor {
  return {
    plugin: textOf(row, 'plugin'),
    eventId: numberOf(row, 'event_id'),
    failures: numberOf(row, 'failures'),
    retryAt: numberOf(row, 'retry_at'),
    lastError: textOrNull(row, 'last_error'),
    deliveredAt: numberOf(row, 'delivered_at'),
  };
}
