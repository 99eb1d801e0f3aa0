import { messageOf, SourceUnavailable } from '../../jwt/errors.ts';
import { fetchJson, type Fetch } from '../../jwt/fetch-json.ts';
import type { RevocationOptions } from './options.ts';
import { createRevokedSessions, type RevokedSessions } from './revoked-sessions.ts';

/** Maximum bytes of a response; a snapshot of a million sessions has about 110 MB. */
const MAX_BYTES = 256 * 2 ** 20;
/** Maximum seconds that the server may hold a request until there is something to report. */
const MAX_WAIT = 25;
/** Milliseconds; a long poll that returns nothing in less time has not waited. */
const MIN_WAIT = 100;
/** Seconds between two tries while the feed is unavailable, first and at most. */
const FIRST_PAUSE = 0.2;
const MAX_PAUSE = 10;
/** Seconds for which an entry is kept after it expires, since clocks differ. */
const MARGIN = 60;
/** Seconds between two deletions of expired entries. */
const SWEEP_EVERY = 60;

export interface FeedContext {
  fetch: Fetch;
  now: () => number;
  /** Maximum seconds of a request, in addition to the time that the server may hold it. */
  timeout: number;
  onError: (error: Error) => void;
}

export interface RevocationFeed {
  /** Whether the session has ended according to the feed. @throws {SourceUnavailable} if the feed is stale and `onStale` is `closed` */
  isRevoked(sid: string): boolean | Promise<boolean>;
  /** Starts to read, and waits until the feed was read completely once, or the first try failed. */
  ready(): Promise<void>;
  close(): void;
}

interface Reader {
  readonly options: RevocationOptions;
  readonly context: FeedContext;
  readonly revoked: RevokedSessions;
  readonly stop: AbortController;
  cursor: string | null;
  /** Whether everything was read: from then on the server is asked to hold the request. */
  caughtUp: boolean;
  /** Unix seconds up to which all revocations are known. */
  syncedAt: number;
  sweptAt: number;
  failures: number;
  /** Whether the last response came early and without news: from a proxy, or from a server that is stopping. */
  respondedEarly: boolean;
  started: Promise<void> | null;
}

/** Creates a feed that reads from the first check on. Checks themselves send no requests. */
export function createRevocationFeed(options: RevocationOptions, context: FeedContext): RevocationFeed {
  const reader: Reader = {
    options,
    context,
    revoked: createRevokedSessions(),
    stop: new AbortController(),
    cursor: null,
    caughtUp: false,
    syncedAt: -Infinity,
    sweptAt: context.now(),
    failures: 0,
    respondedEarly: false,
    started: null,
  };
  const ready = (): Promise<void> => (reader.started ??= start(reader));
  const check = (sid: string): boolean => {
    if (reader.revoked.has(sid)) return true;
    if (isStale(reader) && options.onStale === 'closed')
      throw new SourceUnavailable('revocations', `the revocation feed could not be read for ${options.staleAfter ?? 60} s`);
    return false;
  };
  return {
    isRevoked: (sid) => (reader.syncedAt === -Infinity ? ready().then(() => check(sid)) : check(sid)),
    ready,
    close: () => reader.stop.abort(),
  };
}

function isStale({ syncedAt, options, context }: Reader): boolean {
  return context.now() - syncedAt > (options.staleAfter ?? 60);
}

/** Reads until the feed is closed. Resolves after the first complete read, or the first failure. */
function start(reader: Reader): Promise<void> {
  return new Promise((resolve) => {
    const loop = async (): Promise<void> => {
      while (!reader.stop.signal.aborted) {
        await step(reader);
        if (reader.caughtUp || reader.failures > 0) resolve();
        if (reader.failures > 0 || reader.respondedEarly) await pause(reader);
      }
      resolve();
    };
    void loop();
  });
}

async function step(reader: Reader): Promise<void> {
  const { context } = reader;
  try {
    await poll(reader);
    reader.failures = 0;
  } catch (error) {
    if (reader.stop.signal.aborted) return;
    reader.failures += 1;
    context.onError(new SourceUnavailable('revocations', `the revocation feed cannot be read: ${messageOf(error)}`, { cause: error }));
  }
  if (context.now() - reader.sweptAt >= SWEEP_EVERY) {
    reader.sweptAt = context.now();
    reader.revoked.sweep(context.now() - MARGIN);
  }
}

async function poll(reader: Reader): Promise<void> {
  const { options, context, stop } = reader;
  reader.respondedEarly = false;
  // After a failure the request does not wait, so that the feed is up to date again soon.
  const patient = reader.caughtUp && reader.failures === 0;
  const wait = patient ? Math.floor(Math.min(MAX_WAIT, (options.staleAfter ?? 60) / 2)) : 0;
  const url = new URL(options.url);
  if (reader.cursor !== null) url.searchParams.set('cursor', reader.cursor);
  url.searchParams.set('wait', String(wait));
  const asked = performance.now();
  const { status, body } = await fetchJson(url.href, {
    fetch: context.fetch,
    headers: { Authorization: `Bearer ${options.token}` },
    timeout: wait + context.timeout,
    maxBytes: MAX_BYTES,
    signal: stop.signal,
  });
  if (status === 410) {
    // Known entries stay: a session never becomes live again.
    if (reader.cursor === null) throw new Error('status 410 for a request without a cursor');
    Object.assign(reader, { cursor: null, caughtUp: false });
    return;
  }
  if (status !== 200) throw new Error(`status ${status}`);
  const page = readPage(body);
  const hasNews = page.revocations.length > 0 && page.cursor !== reader.cursor;
  apply(reader, page);
  reader.respondedEarly = patient && !hasNews && performance.now() - asked < Math.max((wait * 1000) / 2, MIN_WAIT);
}

interface Page {
  cursor: string;
  revocations: readonly { sid: string; expires_at: number }[];
}

function apply(reader: Reader, { cursor, revocations }: Page): void {
  for (const { sid, expires_at: until } of revocations) reader.revoked.add(sid, until);
  reader.caughtUp ||= revocations.length === 0 || cursor === reader.cursor;
  reader.cursor = cursor;
  if (reader.caughtUp) reader.syncedAt = reader.context.now();
}

/** @throws {Error} if the body is not a page of the feed; nothing of it is used then */
function readPage(body: unknown): Page {
  const { cursor, revocations } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof cursor !== 'string' || !Array.isArray(revocations) || !revocations.every(isEntry))
    throw new Error('the response has no revocations');
  return { cursor, revocations };
}

function isEntry(value: unknown): value is Page['revocations'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { sid, expires_at: until } = value as Record<string, unknown>;
  return typeof sid === 'string' && sid !== '' && sid.length <= 255 && typeof until === 'number' && Number.isFinite(until);
}

/** Doubled with each failure, and randomized so that readers do not all return at the same time. */
async function pause({ failures }: Reader): Promise<void> {
  const longest = Math.min(FIRST_PAUSE * 2 ** Math.max(failures - 1, 0), MAX_PAUSE);
  const seconds = longest * (0.5 + Math.random() / 2);
  await new Promise<void>((resolve) => {
    const timer: number | { unref?: () => unknown } = setTimeout(resolve, seconds * 1000);
    // Does not keep the process running.
    if (typeof timer === 'object') timer.unref?.();
  });
}
