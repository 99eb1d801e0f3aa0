import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** The result of using a key. */
export interface RateLimitResult {
  /** How many of the requested uses are within the limit: from 0 to `cost`. */
  granted: number;
  /** Seconds until the window ends, at least 1. */
  resetAfter: number;
}

/**
 * Setting RATE_LIMIT_STORE. A window starts with the first use of a key and lasts `period` seconds; it allows `amount` uses. Counting must
 * be atomic across all instances: of 100 concurrent uses exactly `amount` are granted.
 */
export interface RateLimitStore extends Lifecycle {
  /** Counts `cost` uses of the key (a hash). Uses beyond the amount are not counted and do not extend the window. */
  consume(key: string, limit: { amount: number; period: number }, cost: number): Promise<RateLimitResult>;
  /** Takes back one granted use. */
  giveBack(key: string, limit: { amount: number; period: number }): Promise<void>;
}

export const rateLimitStore: PlugPoint<RateLimitStore> = {
  shape: 'RateLimitStore',
  kind: 'rate-limit-store',
  noun: 'a rate limit store',
  summary: 'counts uses of what is limited',
  methods: {
    consume: 'required',
    giveBack: 'required',
  },
};
