import type { EventRecord, EventType } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import { readFeedState } from '../store/revocations.ts';

/** Milliseconds between two looks at what other servers have ended, while somebody waits. */
const INTERVAL = 250;

/** Readers that may wait on one server. */
export const MAX_WAITING = 1000;

/** After these nobody's session has ended. */
const HARMLESS: ReadonlySet<EventType> = new Set([
  ...['signup', 'signup_hidden', 'login', 'login_failed', 'reauthenticated'],
  ...['user_created', 'user_invited', 'password_reset_sent', 'account_exported', 'key_rotated', 'key_withdrawn'],
] as const);

interface Waiter {
  after: number;
  wake: (head: number) => void;
  fail: (error: unknown) => void;
}

/** All who wait for the next revocation on one server: one of them or a thousand, the database is asked once. */
interface Watch {
  readonly waiters: Set<Waiter>;
  timer: NodeJS.Timeout | undefined;
  looking: boolean;
  /** Something has happened since the look that is under way began. */
  again: boolean;
  stopped: boolean;
  deafen: () => void;
}

const watches = new WeakMap<Kit, Watch>();

/** Whether as many wait already as may. */
export function isCrowded(kit: Kit): boolean {
  return watchOf(kit).waiters.size >= MAX_WAITING;
}

/**
 * Waits until the feed has gone beyond the position `after`, and gives its head then; or gives `after` when `seconds` are over, the
 * client has gone, or the server stops. What this process ends is heard at once, what others end within INTERVAL.
 * @throws {DatabaseUnavailable} as soon as the database cannot be asked
 */
export function waitBeyond(kit: Kit, after: number, { seconds, gone }: { seconds: number; gone: AbortSignal }): Promise<number> {
  const watch = watchOf(kit);
  if (watch.stopped || gone.aborted || seconds === 0) return Promise.resolve(after);
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timeout);
      gone.removeEventListener('abort', giveUp);
      watch.waiters.delete(waiter);
      if (watch.waiters.size === 0) rest(watch);
    };
    const giveUp = (): void => waiter.wake(after);
    const waiter: Waiter = {
      after,
      wake: (head) => {
        leave();
        resolve(head);
      },
      fail: (error) => {
        leave();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    };
    const timeout = setTimeout(giveUp, seconds * 1000);
    gone.addEventListener('abort', giveUp);
    watch.waiters.add(waiter);
    if (watch.waiters.size === 1) begin(kit, watch);
  });
}

/** Lets all go who wait, and nobody wait any more. */
export function stopWaiting(kit: Kit): void {
  const watch = watchOf(kit);
  watch.stopped = true;
  for (const waiter of watch.waiters) waiter.wake(waiter.after);
}

/** How many wait. */
export function countWaiting(kit: Kit): number {
  return watchOf(kit).waiters.size;
}

function watchOf(kit: Kit): Watch {
  const known = watches.get(kit);
  if (known) return known;
  const watch: Watch = { waiters: new Set(), timer: undefined, looking: false, again: false, stopped: false, deafen: () => undefined };
  watches.set(kit, watch);
  return watch;
}

function begin(kit: Kit, watch: Watch): void {
  const listener = (events: readonly EventRecord[]): void => {
    if (events.some(({ type }) => !HARMLESS.has(type))) void look(kit, watch);
  };
  kit.onEvents.add(listener);
  watch.deafen = () => void kit.onEvents.delete(listener);
  // Whoever comes first has just read the feed.
  schedule(kit, watch);
}

function rest(watch: Watch): void {
  clearTimeout(watch.timer);
  watch.deafen();
}

function schedule(kit: Kit, watch: Watch): void {
  clearTimeout(watch.timer);
  watch.timer = setTimeout(() => void look(kit, watch), INTERVAL);
}

/** One look at a time; what happens meanwhile leads to another one. Never throws: the waiters get the error. */
async function look(kit: Kit, watch: Watch): Promise<void> {
  watch.again = true;
  if (watch.looking) return;
  watch.looking = true;
  while (watch.again && watch.waiters.size > 0) {
    watch.again = false;
    try {
      const { head } = await readFeedState(kit.db);
      for (const waiter of watch.waiters) if (waiter.after < head) waiter.wake(head);
    } catch (error) {
      for (const waiter of watch.waiters) waiter.fail(error);
    }
  }
  watch.looking = false;
  if (watch.waiters.size > 0) schedule(kit, watch);
}
