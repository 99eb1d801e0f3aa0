import type { Logger } from 'pino';

/** Milliseconds between two reads in the background. */
const INTERVAL = 2000;

/** Milliseconds from one read to the next at the least, however many ask: tokens with invented key ids cause no storm. */
const LEAST_INTERVAL = 500;

/** Reads again and again, one read at a time. */
export interface KeyPoll {
  start(): void;
  /** A read that begins from now on; all who wait for one share it. @throws what it throws */
  next(): Promise<void>;
  /** Waits for what is under way; nothing is read any more. */
  stop(): Promise<void>;
}

/** What fails in the background is logged once, until it works again. */
export function createKeyPoll(read: () => Promise<unknown>, log: Logger): KeyPoll {
  let stopped = false;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | null = null;
  let readAt = -Infinity;

  const readOnce = async (): Promise<void> => {
    await running.catch(() => undefined);
    await pause(readAt + LEAST_INTERVAL - performance.now());
    waiting = null; // who asks from now on wants a later read
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
          if (failing) log.info('the signing keys are read again');
          failing = false;
        })
        .catch((error: unknown) => {
          if (!failing && !stopped) log.error({ err: error }, 'the signing keys cannot be read; going on with those that are known');
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
