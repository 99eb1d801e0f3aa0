import type { EventRecord, EventType } from '../../contracts/records.ts';
import { listRevocations } from '../../store/revocations.ts';
import { listUserChanges, readChangePositions, type ChangePositions } from '../../store/user-changes.ts';
import { backOff, type BackOff } from '../back-off.ts';
import type { Kit } from '../kit.ts';

/** Milliseconds between two polls for changes by other servers. */
const INTERVAL = 250;

/** Milliseconds between two polls while the database does not answer. */
const RETRY: BackOff = { first: 2 * INTERVAL, longest: 5000 };

/** Seconds without a poll, such as on a suspended machine, after which unread rows may have been deleted. */
const MAX_GAP = 60;

/** Rows per read. */
const PAGE = 10_000;

/** Events after which no session has ended and no logged-in user has changed. */
const HARMLESS: ReadonlySet<EventType> = new Set([
  ...['signup', 'signup_hidden', 'login', 'login_failed', 'reauthenticated'],
  ...['user_created', 'user_invited', 'password_reset_sent', 'account_exported', 'key_rotated', 'key_withdrawn'],
] as const);

/**
 * Is notified of ended sessions and changed users after the commit: at once for changes by this process, within INTERVAL for those by other servers.
 * Its methods must be fast and must not throw.
 */
export interface SessionListener {
  /**
   * Called first, and first after `lost`: every later change will be reported. What was read before may be out of date.
   * @param position of the revocation feed
   */
  synced?(position: number): void;
  /** Sessions that have ended, in the order of the revocation feed. `position`: of the last one. */
  ended?(sids: readonly string[], position: number): void;
  /** Users who were changed (deactivated, promoted, given another password or primary address, …) or deleted. */
  usersChanged?(userIds: readonly string[]): void;
  /** The database does not answer, so changes are not reported until `synced` is called again. */
  lost?(error: unknown): void;
}

interface Watch {
  readonly listeners: Set<SessionListener>;
  /** The positions up to which changes were reported; `null` if not in sync. */
  reported: ChangePositions | null;
  /** When the last poll started, Unix seconds. */
  polledAt: number;
  /** Consecutive polls that failed. */
  failures: number;
  timer: NodeJS.Timeout | undefined;
  polling: Promise<void> | null;
  /** Another poll is needed after the running one. */
  again: boolean;
  stopped: boolean;
  removeEventListener: () => void;
}

const watches = new WeakMap<Kit, Watch>();

/**
 * Subscribes to ended sessions and changed users. Never calls the listener before it returns. While there are subscribers, the server polls the
 * database, once for all of them. Without subscribers it does not poll: four reads a second are a cost that nothing would use.
 * @returns a function that unsubscribes
 */
export function watchSessions(kit: Kit, listener: SessionListener): () => void {
  const watch = watchOf(kit);
  if (watch.stopped) return () => undefined;
  watch.listeners.add(listener);
  if (watch.listeners.size === 1) start(kit, watch);
  else if (watch.reported === null) void poll(kit, watch);
  else queueMicrotask(() => syncNew(watch, listener));
  return () => {
    if (watch.listeners.delete(listener) && watch.listeners.size === 0) pause(watch);
  };
}

/** Stops polling for good, and waits for a running poll. */
export async function stopWatch(kit: Kit): Promise<void> {
  const watch = watchOf(kit);
  watch.stopped = true;
  watch.listeners.clear();
  pause(watch);
  await watch.polling;
}

function watchOf(kit: Kit): Watch {
  const known = watches.get(kit);
  if (known) return known;
  const watch: Watch = {
    listeners: new Set(),
    reported: null,
    polledAt: 0,
    failures: 0,
    timer: undefined,
    polling: null,
    again: false,
    stopped: false,
    removeEventListener: () => undefined,
  };
  watches.set(kit, watch);
  return watch;
}

/** Calls `synced` of a listener that subscribed while the watch is in sync. */
function syncNew({ listeners, reported }: Watch, listener: SessionListener): void {
  if (reported && listeners.has(listener)) listener.synced?.(reported.ended);
}

function start(kit: Kit, watch: Watch): void {
  const onEvents = (events: readonly EventRecord[]): void => {
    if (events.some(({ type }) => !HARMLESS.has(type))) void poll(kit, watch);
  };
  kit.onEvents.add(onEvents);
  watch.removeEventListener = () => void kit.onEvents.delete(onEvents);
  watch.reported = null; // a poll that ended without listeners may have left old positions
  watch.failures = 0;
  void poll(kit, watch);
}

function pause(watch: Watch): void {
  clearTimeout(watch.timer);
  watch.removeEventListener();
}

/** Polls once, and again if it is called while a poll is running. Never throws. */
function poll(kit: Kit, watch: Watch): Promise<void> {
  watch.again = true;
  watch.polling ??= pollUntilIdle(kit, watch).finally(() => {
    watch.polling = null;
    if (watch.listeners.size === 0) return;
    const wait = backOff(RETRY, watch.failures) || INTERVAL;
    clearTimeout(watch.timer);
    watch.timer = setTimeout(() => void poll(kit, watch), wait).unref();
  });
  return watch.polling;
}

async function pollUntilIdle(kit: Kit, watch: Watch): Promise<void> {
  while (watch.again && watch.listeners.size > 0) {
    watch.again = false;
    try {
      await report(kit, watch);
      watch.failures = 0;
    } catch (error) {
      watch.reported = null;
      watch.failures += 1;
      for (const listener of watch.listeners) listener.lost?.(error);
    }
  }
}

/** Reports the changes since the last poll. The first poll, and one after a gap, only reads the positions to report from. */
async function report({ db, now }: Kit, watch: Watch): Promise<void> {
  const startedAt = now();
  const found = await readChangePositions(db);
  const { reported } = watch;
  const hasGap = startedAt - watch.polledAt > MAX_GAP;
  watch.polledAt = startedAt;
  if (!reported || hasGap) {
    watch.reported = found;
    for (const listener of watch.listeners) listener.synced?.(found.ended);
    return;
  }
  while (reported.users < found.users) {
    const changes = await listUserChanges(db, { after: reported.users, limit: PAGE });
    reported.users = Math.max(changes.at(-1)?.position ?? 0, changes.length < PAGE ? found.users : 0);
    const userIds = [...new Set(changes.map(({ userId }) => userId))];
    for (const listener of watch.listeners) listener.usersChanged?.(userIds);
  }
  while (reported.ended < found.ended) {
    const ends = await listRevocations(db, { after: reported.ended, now: 0, limit: PAGE });
    reported.ended = Math.max(ends.at(-1)?.position ?? 0, ends.length < PAGE ? found.ended : 0);
    const sids = ends.map(({ sid }) => sid);
    for (const listener of watch.listeners) listener.ended?.(sids, reported.ended);
  }
}
