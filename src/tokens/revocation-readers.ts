import type { Kit } from '../kit/kit.ts';
import { watchSessions } from '../kit/sessions/watch.ts';

/** Maximum readers of the revocation feed that wait on one server. */
export const MAX_WAITING = 1000;

/** The waiting readers of one server, each as the function that answers it now. */
interface Readers {
  readonly waiting: Set<() => void>;
  stopped: boolean;
}

const readersByKit = new WeakMap<Kit, Readers>();

/** Whether MAX_WAITING readers are waiting. */
export function isCrowded(kit: Kit): boolean {
  return countWaiting(kit) >= MAX_WAITING;
}

/** The number of waiting readers. */
export function countWaiting(kit: Kit): number {
  return readersOf(kit).waiting.size;
}

/**
 * Waits until the feed has entries after the position `after`, and returns the new position. Returns `after` once `seconds` have passed, the client
 * has disconnected, or the server stops.
 * @throws {DatabaseUnavailable} as soon as the database does not answer
 */
export function waitBeyond(kit: Kit, after: number, { seconds, gone }: { seconds: number; gone: AbortSignal }): Promise<number> {
  const { waiting, stopped } = readersOf(kit);
  if (stopped || gone.aborted || seconds === 0) return Promise.resolve(after);
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timeout);
      gone.removeEventListener('abort', giveUp);
      waiting.delete(giveUp);
      unsubscribe();
    };
    const answer = (position: number): void => {
      leave();
      resolve(position);
    };
    const giveUp = (): void => answer(after);
    const wake = (position: number): void => {
      if (position > after) answer(position);
    };
    const timeout = setTimeout(giveUp, seconds * 1000);
    gone.addEventListener('abort', giveUp);
    waiting.add(giveUp);
    const unsubscribe = watchSessions(kit, {
      synced: wake,
      ended: (_, position) => wake(position),
      lost: (error) => {
        leave();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    });
  });
}

/** Answers all waiting readers; later ones are answered at once. */
export function stopWaiting(kit: Kit): void {
  const readers = readersOf(kit);
  readers.stopped = true;
  for (const giveUp of readers.waiting) giveUp();
}

function readersOf(kit: Kit): Readers {
  const known = readersByKit.get(kit);
  if (known) return known;
  const readers: Readers = { waiting: new Set(), stopped: false };
  readersByKit.set(kit, readers);
  return readers;
}
