import type { Kit, RateLimitResult, RateLimitStore } from 'allauth-kit/plugin';

/**
 * Counts in this process alone. For several servers put a store in its place that they share, and that counts in one atomic step.
 * Config: `RATE_LIMIT_STORE: './plugins/example-rate-limit-store.ts#ExampleRateLimitStore'`
 */
export class ExampleRateLimitStore implements RateLimitStore {
  readonly #kit: Kit;
  readonly #windows = new Map<string, { used: number; endsAt: number }>();

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Counts `cost` uses of the key, as far as they fit: a window begins with the first use and lasts `period` seconds. */
  async consume(key: string, { amount, period }: { amount: number; period: number }, cost: number): Promise<RateLimitResult> {
    const now = this.#kit.now();
    const known = this.#windows.get(key);
    const window = known && known.endsAt > now ? known : { used: 0, endsAt: now + period };
    if (window !== known) this.#sweep(now);
    const granted = Math.min(cost, Math.max(0, amount - window.used));
    window.used += granted;
    this.#windows.set(key, window);
    return { granted, resetAfter: Math.max(1, window.endsAt - now) };
  }

  /** Takes back one use that was granted. */
  async giveBack(key: string): Promise<void> {
    const window = this.#windows.get(key);
    if (window && window.used > 0) window.used -= 1;
  }

  #sweep(now: number): void {
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
  }
}
