import { hitRateLimit, returnRateLimitHit, type Kit, type RateLimitResult, type RateLimitStore } from 'allauth-kit/plugin';

/** RATE_LIMIT_STORE "database", the default: all instances that share the database share the counts. One statement for each count. */
export class DatabaseRateLimitStore implements RateLimitStore {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async consume(key: string, { amount, period }: { amount: number; period: number }, cost: number): Promise<RateLimitResult> {
    const now = this.#kit.now();
    const { granted, expiresAt } = await hitRateLimit(this.#kit.db, { key, amount, cost, period, now });
    return { granted, resetAfter: Math.min(Math.max(1, expiresAt - now), period) };
  }

  async giveBack(key: string): Promise<void> {
    await returnRateLimitHit(this.#kit.db, key, this.#kit.now());
  }
}
