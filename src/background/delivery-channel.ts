import { setTimeout as delay } from 'node:timers/promises';
import type { Plugin } from '../contracts/plug-points/plugin.ts';
import type { EventRecord } from '../contracts/records.ts';
import { readFeed, type Settling } from '../store/event-feed.ts';
import { advancePlugin, claimPlugin, failPlugin, isBehind, releasePlugin, type Lease } from '../store/plugin-cursors.ts';
import { withinLimit } from '../store/engine/within-limit.ts';
import { backOff, type BackOff } from '../kit/back-off.ts';
import type { Kit } from '../kit/kit.ts';
import { scrub } from '../log/cleaning.ts';
import { newId } from '../kit/random.ts';

/** Milliseconds between two polls for events that other servers have committed, or have not delivered. */
const POLL = 5000;

/** Minimum milliseconds between two polls, so that events in quick succession share one. */
const PAUSE = 200;

/** Milliseconds until the next poll while a transaction with an earlier event has not committed yet. */
const SOON = 100;

/** Milliseconds until the next poll while another server has the lease. */
const TAKEN = 1000;

/** Events per read. */
const BATCH = 100;

/** Seconds for which only one server calls the plugin; longer than one event may take. */
const LEASE = 90;

/** Seconds after which, within a batch, the lease is renewed and the position is stored. */
const RENEWAL = 20;

/** Maximum milliseconds for one event. */
const CALL_LIMIT = 30_000;

/** Maximum milliseconds for the remaining events when the server stops. */
const CLOSE_LIMIT = 5000;

/** Seconds between two tries after a failure. */
const RETRY: BackOff = { first: 1, longest: 300 };

/** Maximum characters of a stored error. */
const MAX_ERROR_LENGTH = 300;

/** Delivers events to one plugin, one after the other. */
export class DeliveryChannel {
  readonly name: string;
  readonly #kit: Kit;
  readonly #plugin: Required<Pick<Plugin, 'onEvent'>>;
  readonly #owner = newId();
  #settling: Settling | null = null;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Woken since the last poll started. */
  #woken = false;
  #stopped = false;
  #lastPoll = 0;
  /** When a plugin that failed is called again, in milliseconds of the process's clock. */
  #retryAt = 0;

  constructor(kit: Kit, name: string, plugin: Required<Pick<Plugin, 'onEvent'>>) {
    this.#kit = kit;
    this.name = name;
    this.#plugin = plugin;
  }

  /** To be called when there are new events. Returns at once. */
  wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    if (!this.#running) this.#schedule(Math.max(0, this.#lastPoll + PAUSE - Date.now()));
  }

  /** Delivers new events once more, then stops. */
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
    if (this.#woken) await this.#pollOnce();
  }

  #schedule(milliseconds: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), milliseconds);
    this.#timer.unref();
  }

  #start(): void {
    this.#running = this.#pollOnce().then((next) => {
      this.#running = null;
      this.#schedule(this.#woken ? Math.min(next, PAUSE) : next);
    });
  }

  /** @returns milliseconds until the next poll */
  async #pollOnce(): Promise<number> {
    this.#woken = false;
    this.#lastPoll = Date.now();
    const { db, now, log } = this.#kit;
    try {
      while (!this.#stopped && (await isBehind(db, this.name, now()))) {
        const next = await this.#deliver();
        if (next !== null) return next;
      }
    } catch (error) {
      log.warn({ err: error, plugin: this.name }, 'events cannot be delivered to plugins: the database does not answer');
    }
    const left = this.#retryAt - Date.now();
    return left > 0 ? Math.min(left, POLL) : POLL;
  }

  /** Delivers one batch. @returns milliseconds until the next poll; `null` to continue at once */
  async #deliver(): Promise<number | null> {
    const { db, now } = this.#kit;
    const cursor = await claimPlugin(db, this.#lease(LEASE), now());
    if (!cursor) return TAKEN;
    const { events, settling } = await readFeed(db, { afterId: cursor.eventId, limit: BATCH, settling: this.#settling });
    this.#settling = settling;
    let delivered = cursor.eventId;
    let storedAt = now();
    for (const event of events) {
      if (this.#stopped) break;
      try {
        await this.#notify(event);
      } catch (error) {
        if (delivered > cursor.eventId) await advancePlugin(db, this.#lease(LEASE), delivered, now());
        return this.#fail(event, error, delivered > cursor.eventId ? 0 : cursor.failures);
      }
      delivered = event.id;
      if (now() - storedAt < RENEWAL) continue;
      storedAt = now();
      if (!(await advancePlugin(db, this.#lease(LEASE), delivered, storedAt))) return TAKEN;
    }
    if (delivered > cursor.eventId) await advancePlugin(db, this.#lease(0), delivered, now());
    else await releasePlugin(db, this.#lease(0));
    if (settling) return SOON;
    return events.length > 0 ? null : POLL;
  }

  async #fail(event: EventRecord, error: unknown, before: number): Promise<number> {
    const { db, now, log } = this.#kit;
    const wait = backOff(RETRY, before + 1);
    const fields = { err: error, event: event.type, id: event.id, plugin: this.name, failures: before + 1, retryInSeconds: wait };
    log.error(fields, 'a plugin failed on an event, which will be delivered again');
    const message = scrub(error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR_LENGTH);
    await failPlugin(db, { plugin: this.name, owner: this.#owner }, now() + wait, message);
    this.#retryAt = Date.now() + wait * 1000;
    return Math.min(wait * 1000, POLL);
  }

  async #notify(event: EventRecord): Promise<void> {
    const done = Promise.resolve().then(() => this.#plugin.onEvent(event));
    await withinLimit(done, CALL_LIMIT, () => new Error(`it did not finish within ${CALL_LIMIT / 1000} s`), { ref: false });
  }

  #lease(seconds: number): Lease {
    return { plugin: this.name, owner: this.#owner, until: seconds === 0 ? 0 : this.#kit.now() + seconds };
  }
}
