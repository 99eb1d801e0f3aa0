import { setTimeout as delay } from 'node:timers/promises';
import type { Plugin } from '../contracts/plug-points/plugin.ts';
import type { EventRecord } from '../contracts/records.ts';
import { readFeed, type Settling } from '../store/event-feed.ts';
import { advancePlugin, claimPlugin, failPlugin, isBehind, releasePlugin, type Lease } from '../store/plugin-cursors.ts';
import { withinLimit } from '../store/engine/within-limit.ts';
import type { Kit } from '../kit/kit.ts';
import { scrub } from '../log/cleaning.ts';
import { newId } from '../kit/random.ts';

/** Milliseconds between two looks for what other servers have committed, or have left behind. */
const POLL = 5000;

/** Milliseconds between two looks, however often it is woken: events that come close together share what a look costs. */
const PAUSE = 200;

/** Milliseconds until the next look when a transaction has not committed yet. */
const SOON = 100;

/** Milliseconds until the next look when another server tells the plugin just now. */
const TAKEN = 1000;

/** Events that are read at once. */
const BATCH = 100;

/** Seconds for which one server has the plugin to itself; longer than one event may take. */
const LEASE = 90;

/** Seconds after which the lease is renewed, and how far the plugin has heard is noted, in the midst of a batch. */
const RENEWAL = 20;

/** Milliseconds that one event may take. */
const CALL_LIMIT = 30_000;

/** Milliseconds that the plugins get for what is left when the server stops. */
const CLOSE_LIMIT = 5000;

/** Seconds between two tries at most; the first comes after one, each later one after twice as long. */
const LONGEST_BACKOFF = 300;

/** Characters of an error that are kept. */
const LONGEST_ERROR = 300;

/** Tells one plugin of events, one after the other. */
export class DeliveryChannel {
  readonly name: string;
  readonly #kit: Kit;
  readonly #plugin: Required<Pick<Plugin, 'onEvent'>>;
  readonly #owner = newId();
  #settling: Settling | null = null;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Woken since the last look began. */
  #woken = false;
  #stopped = false;
  #lastLook = 0;
  /** When a plugin that failed is tried again, in milliseconds of the process's clock. */
  #retryAt = 0;

  constructor(kit: Kit, name: string, plugin: Required<Pick<Plugin, 'onEvent'>>) {
    this.#kit = kit;
    this.name = name;
    this.#plugin = plugin;
  }

  /** There are events. Returns at once. */
  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    if (!this.#running) this.#schedule(Math.max(0, this.#lastLook + PAUSE - Date.now()));
  }

  /** Looks once more where there is something new, then stops. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const enough = new AbortController();
    await Promise.race([this.#finish(), delay(CLOSE_LIMIT, undefined, { signal: enough.signal }).catch(() => undefined)]);
    enough.abort();
    this.#stopped = true;
    clearTimeout(this.#timer);
    await releasePlugin(this.#kit.db, { plugin: this.name, owner: this.#owner }).catch(() => undefined);
  }

  async #finish(): Promise<void> {
    await this.#running;
    clearTimeout(this.#timer);
    if (this.#woken) await this.#look();
  }

  #schedule(milliseconds: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), milliseconds);
    this.#timer.unref();
  }

  #start(): void {
    this.#running = this.#look().then((next) => {
      this.#running = null;
      this.#schedule(this.#woken ? Math.min(next, PAUSE) : next);
    });
  }

  /** @returns milliseconds until the next one */
  async #look(): Promise<number> {
    this.#woken = false;
    this.#lastLook = Date.now();
    const { db, now, log } = this.#kit;
    try {
      while (!this.#stopped && (await isBehind(db, this.name, now()))) {
        const next = await this.#deliver();
        if (next !== null) return next;
      }
    } catch (error) {
      log.warn({ err: error, plugin: this.name }, 'plugins cannot be told of events: the database does not answer');
    }
    const left = this.#retryAt - Date.now();
    return left > 0 ? Math.min(left, POLL) : POLL;
  }

  /** One batch. @returns milliseconds until the next one; `null`: at once */
  async #deliver(): Promise<number | null> {
    const { db, now } = this.#kit;
    const cursor = await claimPlugin(db, this.#lease(LEASE), now());
    if (!cursor) return TAKEN;
    const { events, settling } = await readFeed(db, { afterId: cursor.eventId, limit: BATCH, settling: this.#settling });
    this.#settling = settling;
    let heard = cursor.eventId;
    let noted = now();
    for (const event of events) {
      if (this.#stopped) break;
      try {
        await this.#tell(event);
      } catch (error) {
        if (heard > cursor.eventId) await advancePlugin(db, this.#lease(LEASE), heard, now());
        return this.#fail(event, error, heard > cursor.eventId ? 0 : cursor.failures);
      }
      heard = event.id;
      if (now() - noted < RENEWAL) continue;
      noted = now();
      if (!(await advancePlugin(db, this.#lease(LEASE), heard, noted))) return TAKEN;
    }
    if (heard > cursor.eventId) await advancePlugin(db, this.#lease(0), heard, now());
    else await releasePlugin(db, this.#lease(0));
    if (settling) return SOON;
    return events.length > 0 ? null : POLL;
  }

  async #fail(event: EventRecord, error: unknown, before: number): Promise<number> {
    const { db, now, log } = this.#kit;
    const wait = Math.min(2 ** before, LONGEST_BACKOFF);
    const fields = { err: error, event: event.type, id: event.id, plugin: this.name, failures: before + 1, retryInSeconds: wait };
    log.error(fields, 'a plugin failed on an event; it will be told again');
    const message = scrub(error instanceof Error ? error.message : String(error)).slice(0, LONGEST_ERROR);
    await failPlugin(db, { plugin: this.name, owner: this.#owner }, now() + wait, message);
    this.#retryAt = Date.now() + wait * 1000;
    return Math.min(wait * 1000, POLL);
  }

  async #tell(event: EventRecord): Promise<void> {
    const heard = Promise.resolve().then(() => this.#plugin.onEvent(event));
    await withinLimit(heard, CALL_LIMIT, () => new Error(`it did not finish within ${CALL_LIMIT / 1000} s`), { ref: false });
  }

  #lease(seconds: number): Lease {
    return { plugin: this.name, owner: this.#owner, until: seconds === 0 ? 0 : this.#kit.now() + seconds };
  }
}
