import type { EventRecord, EventType } from '../../contracts/records.ts';
import { listRevocations } from '../../store/revocations.ts';
import { listUserChanges, readChangePositions, type ChangePositions } from '../../store/user-changes.ts';
import type { Kit } from '../kit.ts';

/** Milliseconds between two looks at what other servers have changed. */
const INTERVAL = 250;

/** The same while the database cannot be asked: twice as long after each failure, up to this. */
const LONGEST_INTERVAL = 5000;

/** Seconds. A server that has not looked for longer, such as one that was suspended, may find that rows have been deleted that it never read. */
const LONGEST_GAP = 60;

/** Rows that are read at once. */
const PAGE = 10_000;

/** After these, no session has ended and no user who is logged in has changed. */
const HARMLESS: ReadonlySet<EventType> = new Set([
  ...['signup', 'signup_hidden', 'login', 'login_failed', 'reauthenticated'],
  ...['user_created', 'user_invited', 'password_reset_sent', 'account_exported', 'key_rotated', 'key_withdrawn'],
] as const);

/**
 * Hears of sessions that ended and users who changed, on every server: what this process does at once, what others do within INTERVAL, each after
 * the commit. Its methods must be quick and not throw.
 */
export interface SessionListener {
  /**
   * The first call, and the first one after `lost`: every later change will be reported, and what was read before may be out of date.
   * @param position of the revocation feed
   */
  synced?(position: number): void;
  /** Sessions that have ended, in the order of the revocation feed. `position`: of the last one. */
  ended?(sids: readonly string[], position: number): void;
  /** Users who were changed (deactivated, promoted, given another password or primary address, …) or deleted. */
  usersChanged?(userIds: readonly string[]): void;
  /** The database cannot be asked, so changes go unreported until `synced` is called again. */
  lost?(error: unknown): void;
}

interface Watch {
  readonly listeners: Set<SessionListener>;
  /** What was reported so far; `null`: not in sync. */
  reported: ChangePositions | null;
  /** When the last look began, Unix seconds. */
  lookedAt: number;
  /** Looks that failed, one after the other. */
  failures: number;
  timer: NodeJS.Timeout | undefined;
  looking: Promise<void> | null;
  /** Something has happened since the look that is under way began. */
  again: boolean;
  stopped: boolean;
  stopHearing: () => void;
}

const watches = new WeakMap<Kit, Watch>();

/**
 * Subscribes to the ends of sessions and the changes of users. While somebody has subscribed, the server asks the database for them, once for all
 * subscribers; without any, it does not ask. Never calls the listener before it returns.
 * @returns what unsubscribes
 */
export function watchSessions(kit: Kit, listener: SessionListener): () => void {
  const watch = watchOf(kit);
  if (watch.stopped) return () => undefined;
  watch.listeners.add(listener);
  if (watch.listeners.size === 1) begin(kit, watch);
  else if (watch.reported === null) void look(kit, watch);
  else queueMicrotask(() => welcome(watch, listener));
  return () => {
    if (watch.listeners.delete(listener) && watch.listeners.size === 0) rest(watch);
  };
}

/** Asks the database no more, and waits for a look that is under way. */
export async function stopWatch(kit: Kit): Promise<void> {
  const watch = watchOf(kit);
  watch.stopped = true;
  watch.listeners.clear();
  rest(watch);
  await watch.looking;
}

function watchOf(kit: Kit): Watch {
  const known = watches.get(kit);
  if (known) return known;
  const watch: Watch = {
    listeners: new Set(),
    reported: null,
    lookedAt: 0,
    failures: 0,
    timer: undefined,
    looking: null,
    again: false,
    stopped: false,
    stopHearing: () => undefined,
  };
  watches.set(kit, watch);
  return watch;
}

/** A listener that subscribes while the watch is in sync is so too. */
function welcome({ listeners, reported }: Watch, listener: SessionListener): void {
  if (reported && listeners.has(listener)) listener.synced?.(reported.ended);
}

function begin(kit: Kit, watch: Watch): void {
  const hear = (events: readonly EventRecord[]): void => {
    if (events.some(({ type }) => !HARMLESS.has(type))) void look(kit, watch);
  };
  kit.onEvents.add(hear);
  watch.stopHearing = () => void kit.onEvents.delete(hear);
  watch.reported = null; // what a look that nobody waited for may have left there is old
  watch.failures = 0;
  void look(kit, watch);
}

function rest(watch: Watch): void {
  clearTimeout(watch.timer);
  watch.stopHearing();
}

/** One look at a time; what happens in the meantime leads to another one. Never throws. */
function look(kit: Kit, watch: Watch): Promise<void> {
  watch.again = true;
  watch.looking ??= lookUntilQuiet(kit, watch).finally(() => {
    watch.looking = null;
    if (watch.listeners.size === 0) return;
    const wait = Math.min(INTERVAL * 2 ** watch.failures, LONGEST_INTERVAL);
    clearTimeout(watch.timer);
    watch.timer = setTimeout(() => void look(kit, watch), wait).unref();
  });
  return watch.looking;
}

async function lookUntilQuiet(kit: Kit, watch: Watch): Promise<void> {
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

/** Reports what has happened since the last look; the first one, and one after a gap, only finds out from where on to report. */
async function report({ db, now }: Kit, watch: Watch): Promise<void> {
  const startedAt = now();
  const found = await readChangePositions(db);
  const { reported } = watch;
  const hasGap = startedAt - watch.lookedAt > LONGEST_GAP;
  watch.lookedAt = startedAt;
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
