import type { Database } from './engine/database.ts';
import { numberOf, statement, textOf, textOrNull, type Row } from './engine/statements.ts';

/** How far a plugin has been notified of the audit log. Times are Unix seconds. */
export interface PluginCursor {
  plugin: string;
  /** The last event that it was notified of. */
  eventId: number;
  /** Consecutive failures since then. */
  failures: number;
  /** When it is retried after a failure; 0 if it has not failed. */
  retryAt: number;
  /** The error of the last failure; `null` if it has not failed since the last success. */
  lastError: string | null;
  /** When it was last notified of an event; 0 for never. */
  deliveredAt: number;
}

export interface CursorState extends PluginCursor {
  /** Events that it has not been notified of, counted up to `PENDING_MAX`. */
  pending: number;
}

/** The maximum of the count of pending events. */
export const PENDING_MAX = 1000;

/** The right to notify a plugin of events. */
export interface Holder {
  plugin: string;
  owner: string;
}

export interface Lease extends Holder {
  /** Unix seconds until which no other server notifies it. */
  until: number;
}

const COLUMNS = 'plugin, event_id, failures, retry_at, last_error, delivered_at';

// A new plugin is notified only of events from now on.
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

/** Creates the cursor of a new plugin, at the last event of the log. */
export async function registerPlugin(db: Database, plugin: string): Promise<void> {
  await db.write(REGISTER, [plugin]);
}

/** Whether the plugin has pending events and is not waiting after a failure. Cheap, since all servers ask often. */
export async function isBehind(db: Database, plugin: string, now: number): Promise<boolean> {
  return (await db.all(IS_BEHIND, [plugin, now])).length > 0;
}

/** Takes the lease, which only one server can hold at a time. `null` if another server has it, or the plugin is not due yet. */
export async function claimPlugin(db: Database, { plugin, owner, until }: Lease, now: number): Promise<PluginCursor | null> {
  const [row] = await db.write(CLAIM, [plugin, owner, now, until]);
  return row ? cursorOf(row) : null;
}

/** Records that the plugin was notified of all events up to `eventId`; `lease.until` 0 releases the lease. False if the lease was lost. */
export async function advancePlugin(db: Database, lease: Lease, eventId: number, now: number): Promise<boolean> {
  return (await db.write(ADVANCE, [lease.plugin, lease.owner, eventId, lease.until, now])).length > 0;
}

/** Records a failure and releases the lease: no server retries before `retryAt`. */
export async function failPlugin(db: Database, { plugin, owner }: Holder, retryAt: number, error: string): Promise<void> {
  await db.write(FAIL, [plugin, owner, retryAt, error]);
}

/** Releases the lease. */
export async function releasePlugin(db: Database, { plugin, owner }: Holder): Promise<void> {
  await db.write(RELEASE, [plugin, owner]);
}

/** All plugins with a cursor, including those that were removed from the settings. */
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
