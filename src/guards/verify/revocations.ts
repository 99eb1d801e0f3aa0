import { messageOf, SourceUnavailable } from './errors.ts';
import { fetchJson, type Fetch } from './fetch-json.ts';
import type { RevocationOptions } from './options.ts';
import { createRevokedSessions, type RevokedSessions } from './revoked-sessions.ts';

/** Bytes of one answer; a snapshot of a million sessions in one has about 110 MB. */
const MAX_BYTES = 256 * 2 ** 20;
/** Seconds for which the server may keep a question open until something happens. */
const LONGEST_WAIT = 25;
/** Milliseconds that a question without news takes at least. */
const LEAST_WAIT = 100;
/** Seconds between two tries while the feed is away, at first and at most. */
const FIRST_PAUSE = 0.2;
const LAST_PAUSE = 10;
/** Seconds for which an entry is kept beyond its end, for clocks that differ. */
const MARGIN = 60;
/** Seconds between two sweeps of what has expired. */
const SWEEP_EVERY = 60;

export interface FeedSurroundings {
  fetch: Fetch;
  now: () => number;
  /** Seconds that may go by, beside the waiting, until an answer is there. */
  timeout: number;
  onError: (error: Error) => void;
}

export interface RevocationFeed {
  /** Whether the session has ended, as far as the feed tells. @throws {SourceUnavailable} where it is stale and that means closed */
  isRevoked(sid: string): boolean | Promise<boolean>;
  /** Starts to read, and waits until all that is known has been read once, or the first try failed. */
  ready(): Promise<void>;
  close(): void;
}

interface Reader {
  readonly options: RevocationOptions;
  readonly around: FeedSurroundings;
  readonly revoked: RevokedSessions;
  readonly stop: AbortController;
  cursor: string | null;
  /** Whether the last answer had nothing more: from then on the server is asked to wait. */
  caughtUp: boolean;
  /** Unix seconds until which all revocations are known. */
  heardAt: number;
  sweptAt: number;
  failures: number;
  /** Whether the last answer told nothing though it could have waited: a proxy in between gave it, or a server that is about to stop. */
  isHasty: boolean;
  started: Promise<void> | null;
}

/** Reads the feed from the first check on; in between nothing is asked. */
export function createRevocationFeed(options: RevocationOptions, around: FeedSurroundings): RevocationFeed {
  const reader: Reader = {
    options,
    around,
    revoked: createRevokedSessions(),
    stop: new AbortController(),
    cursor: null,
    caughtUp: false,
    heardAt: -Infinity,
    sweptAt: around.now(),
    failures: 0,
    isHasty: false,
    started: null,
  };
  const ready = (): Promise<void> => (reader.started ??= start(reader));
  const look = (sid: string): boolean => {
    if (reader.revoked.has(sid)) return true;
    if (isStale(reader) && options.onStale === 'closed')
      throw new SourceUnavailable('revocations', `the revocation feed has not been heard of for ${options.staleAfter ?? 60} s`);
    return false;
  };
  return {
    isRevoked: (sid) => (reader.heardAt === -Infinity ? ready().then(() => look(sid)) : look(sid)),
    ready,
    close: () => reader.stop.abort(),
  };
}

function isStale({ heardAt, options, around }: Reader): boolean {
  return around.now() - heardAt > (options.staleAfter ?? 60);
}

/** Resolves when the first snapshot is there, or could not be had; the reading goes on until the feed is closed. */
function start(reader: Reader): Promise<void> {
  return new Promise((resolve) => {
    const loop = async (): Promise<void> => {
      while (!reader.stop.signal.aborted) {
        await step(reader);
        if (reader.caughtUp || reader.failures > 0) resolve();
        if (reader.failures > 0 || reader.isHasty) await pause(reader);
      }
      resolve();
    };
    void loop();
  });
}

async function step(reader: Reader): Promise<void> {
  const { around } = reader;
  try {
    await poll(reader);
    reader.failures = 0;
  } catch (error) {
    if (reader.stop.signal.aborted) return;
    reader.failures += 1;
    around.onError(new SourceUnavailable('revocations', `the revocation feed cannot be read: ${messageOf(error)}`, { cause: error }));
  }
  if (around.now() - reader.sweptAt >= SWEEP_EVERY) {
    reader.sweptAt = around.now();
    reader.revoked.sweep(around.now() - MARGIN);
  }
}

async function poll(reader: Reader): Promise<void> {
  const { options, around, stop } = reader;
  reader.isHasty = false;
  // After a failure it is asked without waiting, so as to hear at once that nothing was missed.
  const patient = reader.caughtUp && reader.failures === 0;
  const wait = patient ? Math.floor(Math.min(LONGEST_WAIT, (options.staleAfter ?? 60) / 2)) : 0;
  const url = new URL(options.url);
  if (reader.cursor !== null) url.searchParams.set('cursor', reader.cursor);
  url.searchParams.set('wait', String(wait));
  const asked = performance.now();
  const { status, body } = await fetchJson(url.href, {
    fetch: around.fetch,
    headers: { Authorization: `Bearer ${options.token}` },
    timeout: wait + around.timeout,
    maxBytes: MAX_BYTES,
    signal: stop.signal,
  });
  if (status === 410) {
    // What is known stays: an ended session does not come back.
    if (reader.cursor === null) throw new Error('answers 410 to a question without a cursor');
    Object.assign(reader, { cursor: null, caughtUp: false });
    return;
  }
  if (status !== 200) throw new Error(`answers ${status}`);
  const page = readPage(body);
  const isNews = page.revocations.length > 0 && page.cursor !== reader.cursor;
  take(reader, page);
  reader.isHasty = patient && !isNews && performance.now() - asked < Math.max((wait * 1000) / 2, LEAST_WAIT);
}

interface Page {
  cursor: string;
  revocations: readonly { sid: string; expires_at: number }[];
}

function take(reader: Reader, { cursor, revocations }: Page): void {
  for (const { sid, expires_at: until } of revocations) reader.revoked.add(sid, until);
  reader.caughtUp ||= revocations.length === 0 || cursor === reader.cursor;
  reader.cursor = cursor;
  if (reader.caughtUp) reader.heardAt = reader.around.now();
}

/** @throws {Error} for anything that the feed does not answer; nothing of it is taken then */
function readPage(body: unknown): Page {
  const { cursor, revocations } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof cursor !== 'string' || !Array.isArray(revocations) || !revocations.every(isEntry)) throw new Error('answers no revocations');
  return { cursor, revocations };
}

function isEntry(value: unknown): value is Page['revocations'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { sid, expires_at: until } = value as Record<string, unknown>;
  return typeof sid === 'string' && sid !== '' && sid.length <= 255 && typeof until === 'number' && Number.isFinite(until);
}

/** Doubled with each failure, and of random length, so that not all readers come back at once. */
async function pause({ failures, stop }: Reader): Promise<void> {
  const longest = Math.min(FIRST_PAUSE * 2 ** Math.max(failures - 1, 0), LAST_PAUSE);
  const seconds = longest * (0.5 + Math.random() / 2);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    // A process that has nothing else to do may end.
    const handle: number | { unref?: () => unknown } = timer;
    if (typeof handle === 'object') handle.unref?.();
    stop.signal.addEventListener('abort', end);
  });
}
