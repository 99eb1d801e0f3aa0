import type { Kit, RateLimitResult, RateLimitStore } from 'allauth-kit/plugin';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { MemoryRateLimitStore } from './memory-rate-limit-store.ts';

interface Limit {
  amount: number;
  /** Seconds. */
  period: number;
}

/** Milliseconds after which Redis counts as away for one request. */
const PATIENCE = 1000;

/** Seconds between two lines in the log that Redis is away. */
const COMPLAIN_EVERY = 60;

/**
 * RATE_LIMIT_STORE `redis://…`: counts in Redis, with the packages `rate-limiter-flexible` and `ioredis`.
 * While Redis is away each instance counts for itself: limits hold, times the number of instances, and nobody is locked out.
 */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #kit: Kit;
  readonly #redis: Redis;
  readonly #limiters = new Map<string, RateLimiterRedis>();
  readonly #fallback: MemoryRateLimitStore;
  #complainedAt = -Infinity;

  constructor(kit: Kit, { url, prefix = 'allauth:rate' }: { url: string; prefix?: string }) {
    this.#kit = kit;
    this.#fallback = new MemoryRateLimitStore(kit);
    this.#redis = new Redis(url, {
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      connectTimeout: PATIENCE,
      commandTimeout: PATIENCE,
      keyPrefix: `${prefix}:`,
    });
    this.#redis.on('error', (error) => this.#complain(error));
  }

  /** Redis that is away does not keep the server from starting. */
  async open(): Promise<void> {
    await this.#redis.connect().catch((error: unknown) => this.#complain(error));
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async consume(key: string, limit: Limit, cost: number): Promise<RateLimitResult> {
    try {
      const { consumedPoints, msBeforeNext } = await this.#count(key, limit, cost);
      const granted = Math.min(cost, Math.max(0, limit.amount - (consumedPoints - cost)));
      // A use that was refused must not stand in the way of one that is given back.
      if (granted < cost) await this.#limiter(limit).reward(key, cost - granted);
      return { granted, resetAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
    } catch (error) {
      this.#complain(error);
      return this.#fallback.consume(key, limit, cost);
    }
  }

  async giveBack(key: string, limit: Limit): Promise<void> {
    try {
      await this.#limiter(limit).reward(key, 1);
    } catch (error) {
      this.#complain(error);
      await this.#fallback.giveBack(key);
    }
  }

  /** The limiter throws its result where the limit is passed, and an Error where Redis is away. */
  async #count(key: string, limit: Limit, cost: number): Promise<RateLimiterRes> {
    try {
      return await this.#limiter(limit).consume(key, cost);
    } catch (thrown) {
      if (thrown instanceof RateLimiterRes) return thrown;
      throw thrown;
    }
  }

  #limiter({ amount, period }: Limit): RateLimiterRedis {
    const name = `${amount}/${period}`;
    const known = this.#limiters.get(name);
    if (known) return known;
    const made = new RateLimiterRedis({ storeClient: this.#redis, points: amount, duration: period, keyPrefix: name });
    this.#limiters.set(name, made);
    return made;
  }

  #complain(error: unknown): void {
    const now = this.#kit.now();
    if (now - this.#complainedAt < COMPLAIN_EVERY) return;
    this.#complainedAt = now;
    this.#kit.log.error({ err: error }, 'Redis is away: rate limits are counted by each instance for itself');
  }
}
