import { LRUCache } from 'lru-cache';
import { RATE_LIMITS } from '../settings/rate-limits.ts';
import { fault } from '../texts/faults.ts';
import { clientNetwork } from './addresses.ts';
import { RateLimited, Refusal } from './errors.ts';
import type { Kit } from './kit.ts';
import { keyedHash } from './secrets.ts';

/** A key of ACCOUNT_RATE_LIMITS. */
export type LimitedAction = keyof typeof RATE_LIMITS;

/** What a use is counted by. A rate (per ip, per user, per key) only applies if its subject is given. */
export interface RateSubject {
  ip?: string;
  userId?: string;
  /** The target of the action, such as an address, a user name or a phone number. Stored as a keyed hash. */
  key?: string;
}

interface Rate {
  amount: number;
  /** Seconds. */
  period: number;
  per: 'ip' | 'user' | 'key';
}

/** A counted use, which can be given back. */
export interface RateUsage {
  giveBack(): Promise<void>;
}

/** Actions so frequent that a write for each would be slow: they are counted in blocks. */
const FREQUENT: ReadonlySet<LimitedAction> = new Set(['refresh', 'admin', 'service_failed']);

/** The default of `confirm_email` if addresses are verified by code. Source: allauth `account/app_settings.py`. */
const CONFIRM_EMAIL_BY_CODE = '1/10s/key';

/**
 * Counts one use of an action against each of its rates whose subject is given. A refused use still counts against the other rates, but does not
 * prolong the wait.
 * @throws {RateLimited} 429 with the seconds to wait
 */
export async function consumeRate(kit: Kit, action: LimitedAction, subject: RateSubject): Promise<RateUsage> {
  const store = kit.plugins.RATE_LIMIT_STORE;
  const counted: { key: string; rate: Rate }[] = [];
  let wait = 0;
  for (const rate of ratesOf(kit, action)) {
    const who = subjectOf(kit, rate, subject);
    if (who === null) continue;
    const key = keyedHash(kit, 'rate limits', JSON.stringify([action, rate.amount, rate.period, rate.per, who]));
    const { granted, resetAfter } = FREQUENT.has(action) ? await consumeFromBlock(kit, key, rate) : await store.consume(key, rate, 1);
    if (granted > 0) counted.push({ key, rate });
    else wait = Math.max(wait, resetAfter);
  }
  if (wait > 0) throw new RateLimited(wait);
  return {
    async giveBack() {
      for (const { key, rate } of counted) await store.giveBack(key, rate);
    },
  };
}

/**
 * As `consumeRate`, but refuses with the error of a failed login.
 * @throws {Refusal} 400 `too_many_login_attempts`
 */
export function consumeLoginRate(kit: Kit, action: 'request_login_code' | 'send_login_code', subject: RateSubject): Promise<RateUsage> {
  return asFailedLogin(consumeRate(kit, action, subject));
}

/**
 * Turns the refusal of a count into the error of a failed login. Source: allauth `account/adapter.py` `pre_authenticate`.
 * @throws {Refusal} 400 `too_many_login_attempts`
 */
export async function asFailedLogin(counting: Promise<RateUsage>): Promise<RateUsage> {
  try {
    return await counting;
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    throw new Refusal(400, [fault('too_many_login_attempts')]);
  }
}

/** The current rates of an action; [] if it has none. */
function ratesOf({ settings }: Kit, action: LimitedAction): Rate[] {
  const limits = settings.ACCOUNT_RATE_LIMITS;
  const text = limits === false ? false : limits[action];
  if (text === false) return [];
  const byCode = action === 'confirm_email' && text === RATE_LIMITS.confirm_email && settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED;
  return parseRates(byCode ? CONFIRM_EMAIL_BY_CODE : text);
}

const parsed = new Map<string, Rate[]>();

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

function parseRates(text: string): Rate[] {
  const known = parsed.get(text);
  if (known) return known;
  const rates = text.split(',').map((each): Rate => {
    const match = /^(\d+)\/(\d*)([smhd])\/(ip|user|key)$/.exec(each.trim());
    if (!match) throw new Error(`not a rate: ${each}`);
    const [, amount, count, unit, per] = match;
    return {
      amount: Number(amount),
      period: Number(count || 1) * SECONDS[unit as keyof typeof SECONDS], // the pattern allows no other
      per: per as Rate['per'],
    };
  });
  parsed.set(text, rates);
  return rates;
}

function subjectOf({ settings }: Kit, { per }: Rate, { ip, userId, key }: RateSubject): string | null {
  if (per === 'user') return userId ?? null;
  // Another spelling of an address means the same account.
  if (per === 'key') return key?.trim().toLowerCase() ?? null;
  return ip === undefined ? null : clientNetwork(ip, settings.ALLAUTH_RATE_LIMIT_IPV6_PREFIX);
}

/** Uses that this process has taken from the store in advance. */
interface Block {
  left: number;
  /** Unix seconds. */
  until: number;
  /** The store had none left: do not ask it again in this window. */
  refused: boolean;
}

interface Blocks {
  open: LRUCache<string, Block>;
  /** Running calls of the store, by key: concurrent requests share one. */
  taking: Map<string, Promise<void>>;
}

const blocksOf = new WeakMap<Kit, Blocks>();

/**
 * Takes uses of frequent actions from the store in blocks of a thirtieth of the limit, and counts them in memory. All servers together never grant more
 * than the limit. They may grant a little less, if one has not used up its block.
 */
async function consumeFromBlock(kit: Kit, key: string, rate: Rate): Promise<{ granted: number; resetAfter: number }> {
  const known = blocksOf.get(kit);
  const blocks: Blocks = known ?? { open: new LRUCache({ max: 10_000 }), taking: new Map() };
  if (!known) blocksOf.set(kit, blocks);
  for (;;) {
    const block = blocks.open.get(key);
    const now = kit.now();
    // A later end is left from a clock that was ahead.
    const isCurrent = block !== undefined && block.until > now && block.until <= now + rate.period;
    if (isCurrent && (block.left > 0 || block.refused)) {
      if (block.refused) return { granted: 0, resetAfter: block.until - now };
      block.left -= 1;
      return { granted: 1, resetAfter: block.until - now };
    }
    const answer = blocks.taking.get(key) ?? takeBlock(kit, key, rate, blocks).finally(() => blocks.taking.delete(key));
    blocks.taking.set(key, answer);
    await answer;
  }
}

async function takeBlock(kit: Kit, key: string, rate: Rate, { open }: Blocks): Promise<void> {
  const cost = Math.max(1, Math.floor(rate.amount / 30));
  const { granted, resetAfter } = await kit.plugins.RATE_LIMIT_STORE.consume(key, rate, cost);
  open.set(key, { left: granted, until: kit.now() + resetAfter, refused: granted === 0 });
}
