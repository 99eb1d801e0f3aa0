import { LRUCache } from 'lru-cache';
import type { Kit } from './kit.ts';
import { write } from './write.ts';

/** Guesses at one account's password that the limit refused within one window. */
interface RefusedGuesses {
  count: number;
  readonly userId: string | null;
  /** Of the first of them. */
  readonly ip: string;
  /** Unix seconds. */
  readonly until: number;
}

/** Windows whose guesses are counted at the same time: beyond that, the one that was used least recently is dropped without an event. */
const MOST = 10_000;

const refusedBy = new WeakMap<Kit, LRUCache<string, RefusedGuesses>>();

/**
 * Counts a guess that the limit refused. The audit log gets one event for the window, with the number of guesses: an attacker must not be able to
 * fill it.
 * @param key what the guesses are counted by
 * @param until when the window ends, Unix seconds
 */
export function noteRefusedGuess(kit: Kit, key: string, { userId, ip, until }: Omit<RefusedGuesses, 'count'>): void {
  const known = refusedBy.get(kit);
  const open = known ?? new LRUCache<string, RefusedGuesses>({ max: MOST });
  if (!known) refusedBy.set(kit, open);
  const window = open.get(key);
  if (window && window.until > kit.now()) window.count += 1;
  else open.set(key, { count: 1 + (window?.count ?? 0), userId, ip, until });
}

/** Records the windows that have ended; with `all`, also those that are open. */
export async function recordRefusedGuesses(kit: Kit, { all = false }: { all?: boolean } = {}): Promise<void> {
  const open = refusedBy.get(kit);
  if (!open) return;
  for (const [key, window] of open.entries()) {
    if (!all && window.until > kit.now()) continue;
    open.delete(key);
    const { count, userId, ip } = window;
    await write(kit, { ip, user: null, session: null }, async ({ record }) => {
      record('login_failed', { userId, details: { why: 'rate_limited', count } });
    });
  }
}
