import type { RateLimitResult, RateLimitStore } from 'allauth-kit/plugin';

interface Window {
  hits: number;
  /** Unix seconds. */
  expiresAt: number;
}

/** Windows after which those that are over are dropped. */
const SWEEP_EVERY = 1000;

/** RATE_LIMIT_STORE "memory": each process counts for itself, and forgets when it stops. For a server of one process. */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();
  #sinceSweep = 0;

  constructor(kit: { readonly now: () => number }) {
    this.#now = kit.now;
  }

  /** Nothing is awaited between reading and counting, so that parallel requests cannot come between. */
  async consume(key: string, { amount, period }: { amount: number; period: number }, cost: number): Promise<RateLimitResult> {
    const now = this.#now();
    const window = this.#windowAt(key, period, now);
    const granted = Math.min(cost, Math.max(0, amount - window.hits));
    window.hits += granted;
    return { granted, resetAfter: Math.max(1, window.expiresAt - now) };
  }

  async giveBack(key: string): Promise<void> {
    const window = this.#windows.get(key);
    if (window && window.expiresAt > this.#now() && window.hits > 0) window.hits -= 1;
  }

  #windowAt(key: string, period: number, now: number): Window {
    const running = this.#windows.get(key);
    // A later end is left from a clock that was ahead.
    if (running && running.expiresAt > now && running.expiresAt <= now + period) return running;
    this.#sweep(now);
    const window = { hits: 0, expiresAt: now + period };
    this.#windows.set(key, window);
    return window;
  }

  #sweep(now: number): void {
    this.#sinceSweep += 1;
    if (this.#sinceSweep < SWEEP_EVERY) return;
    this.#sinceSweep = 0;
    for (const [key, { expiresAt }] of this.#windows) if (expiresAt <= now) this.#windows.delete(key);
  }
}
