import type { Kit } from '../kit/kit.ts';
import { deleteExpired, markLapsed } from '../store/cleanup.ts';
import { noteAccessLifetime } from '../store/revocations.ts';

/** Minimum milliseconds between two rounds; the maximum is twice that, at random, so that servers do not run at the same time. */
const INTERVAL = 10 * 60_000;

/** Rows of each table per transaction. */
const BATCH = 500;

const DAY = 86_400;

/**
 * Deletes expired rows in the background: tokens, sessions after SESSION_RETENTION_DAYS, events after AUDIT_RETENTION_DAYS.
 * @returns a function that stops it, and waits for a running batch
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

/** Runs one round, batch after batch, until nothing is left or `isStopped`. A failure is logged, and the next round retries. Returns the deleted rows. */
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
    kit.log.error({ err: error }, 'cleanup failed');
  }
  return total;
}

/** Extra seconds of an access token's lifetime, for clock differences and for a refresh that runs while the session ends. */
const LIFETIME_MARGIN = 60;

/** Stores the lifetime of this server's access tokens, which decides how long the revocation feed keeps entries. Called at start and in each round. */
export async function noteLifetime({ db, settings, now }: Kit): Promise<void> {
  const { HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: life, HEADLESS_JWT_CLOCK_SKEW: skew } = settings;
  await noteAccessLifetime(db, { seconds: life + skew + LIFETIME_MARGIN, now: now() });
}
