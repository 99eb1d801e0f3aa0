import type { Logger } from 'pino';

/** Milliseconds between two reads in the background. */
const INTERVAL = 2000;

/** Minimum milliseconds between two reads, so that tokens with made-up key ids do not flood the store. */
const MIN_INTERVAL = 500;

/** Reads at intervals, one read at a time. */
export interface KeyPoll {
  start(): void;
  /** Waits for a read that starts after this call; concurrent callers share it. @throws what it throws */
  next(): Promise<void>;
  /** Stops reading, and waits for a running read. */
  stop(): Promise<void>;
}

/** Creates a poll. A background failure is logged once until a read succeeds. */
export function createKeyPoll(read: () => Promise<unknown>, log: Logger): KeyPoll {
  let stopped = false;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | null = null;
  let readAt = -Infinity;

  const readOnce = async (): Promise<void> => {
    await running.catch(() => undefined);
    await pause(readAt + MIN_INTERVAL - performance.now());
    waiting = null; // later callers need a later read
    readAt = performance.now();
    running = Promise.resolve(stopped ? undefined : read()).then(() => undefined);
    await running;
  };
  const next = (): Promise<void> => (waiting ??= readOnce());
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      next()
        .then(() => {
          if (failing) log.info('the signing keys can be read again');
          failing = false;
        })
        .catch((error: unknown) => {
          if (!failing && !stopped) log.error({ err: error }, 'the signing keys cannot be read; the known ones stay in use');
          failing = true;
        })
        .finally(schedule);
    }, INTERVAL);
    timer.unref();
  };
  return {
    start: schedule,
    next,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await (waiting ?? running).catch(() => undefined);
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds > 0 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : Promise.resolve();
}
