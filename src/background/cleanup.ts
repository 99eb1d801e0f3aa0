import type { Kit } from '../kit/kit.ts';
import { deleteExpired, markLapsed } from '../store/cleanup.ts';
import { noteAccessLifetime } from '../store/revocations.ts';

/** Milliseconds between two rounds; each server adds up to as much again, so that several do not meet. */
const INTERVAL = 10 * 60_000;

/** Rows of each table that go in one transaction. */
const BATCH = 500;

const DAY = 86_400;

/**
 * Deletes in the background what has expired: tokens, sessions after SESSION_RETENTION_DAYS, events after AUDIT_RETENTION_DAYS.
 * @returns what stops it, and waits for a batch that is under way
 */
export function startCleanup(kit: Kit): () => Promise<void> {
  let stopped = false;
  let round = Promise.resolve();
  let timer: NodeJS.Timeout;
  const schedule = (): void => {
    timer = setTimeout(
      () => {
        round = clean(kit, () => stopped)
          .then(() => undefined)
          .finally(() => {
            if (!stopped) schedule();
          });
      },
      INTERVAL * (1 + Math.random()),
    );
    timer.unref();
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}

/** One round, batch after batch, until nothing is left or `isStopped`. A failure is logged; the next round tries again. */
export async function clean(kit: Kit, isStopped: () => boolean = () => false): Promise<number> {
  const { SESSION_RETENTION_DAYS, AUDIT_RETENTION_DAYS } = kit.settings;
  let total = 0;
  try {
    await noteLifetime(kit);
    while (!isStopped()) {
      const deleted = await deleteExpired(kit.db, {
        now: kit.now(),
        sessionRetention: SESSION_RETENTION_DAYS * DAY,
        auditRetention: AUDIT_RETENTION_DAYS * DAY,
        batch: BATCH,
      });
      total += deleted;
      if (deleted === 0) break;
    }
    while (!isStopped() && (await markLapsed(kit.db, kit.now(), BATCH)) === BATCH);
  } catch (error) {
    kit.log.error({ err: error }, 'cleaning up failed');
  }
  return total;
}

/** Seconds for which an access token may be good after its end: clocks that differ, a refresh that is under way while its session ends. */
const LIFETIME_MARGIN = 60;

/** Tells the database that this server gives access tokens, and for how long: the revocation feed keeps its entries by that. At start and in each round. */
export async function noteLifetime({ db, settings, now }: Kit): Promise<void> {
  const { HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: life, HEADLESS_JWT_CLOCK_SKEW: skew } = settings;
  await noteAccessLifetime(db, { seconds: life + skew + LIFETIME_MARGIN, now: now() });
}
