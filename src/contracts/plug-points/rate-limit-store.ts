import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** What one use of a key has come to. */
export interface RateLimitResult {
  /** How many of the uses asked for are within the limit: from 0 to `cost`. */
  granted: number;
  /** Seconds until the window is over, at least 1. */
  resetAfter: number;
}

/**
 * Setting RATE_LIMIT_STORE. A window starts with the first use of a key and lasts `period` seconds; `amount` uses fit into it.
 * Counting must be atomic over all instances: of 100 uses at once exactly `amount` are granted.
 */
export interface RateLimitStore extends Lifecycle {
  /** Counts `cost` uses of the key (a hash). Uses beyond the amount are not counted and do not prolong the window. */
  consume(key: string, limit: { amount: number; period: number }, cost: number): Promise<RateLimitResult>;
  /** Takes back one use that was granted. */
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
