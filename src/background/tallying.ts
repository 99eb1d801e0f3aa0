import { countActiveSessions } from '../store/lists/stats.ts';
import { addTallies, hasSample, keepSample } from '../store/tallies.ts';
import type { Kit } from '../kit/kit.ts';

/** Milliseconds of counts that a crash may cost. */
const INTERVAL = 10_000;

/** The tally that is no count but a level: how many sessions are live. */
export const ACTIVE_SESSIONS = 'active_sessions';

/** Seconds between two samples of it, whichever instance takes them. */
const SAMPLING = 300;

/** Writes down from time to time what was counted, and how many sessions are live. @returns what stops it */
export function startTallying(kit: Kit): () => void {
  const timer = setInterval(() => void keepTallies(kit).then(() => sampleSessions(kit)), INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}

/** Writes down what was counted since the last time. Where the database does not answer, that is lost: these are statistics. */
export async function keepTallies(kit: Kit): Promise<void> {
  const tallies = kit.tallies.take();
  if (tallies.size > 0) await keep(kit, () => addTallies(kit.db, tallies, kit.now()));
}

/** Writes down how many sessions are live, unless it is known for these five minutes. */
export async function sampleSessions(kit: Kit): Promise<void> {
  const now = kit.now();
  const slot = now - (now % SAMPLING);
  await keep(kit, async () => {
    if (await hasSample(kit.db, ACTIVE_SESSIONS, slot)) return;
    await keepSample(kit.db, ACTIVE_SESSIONS, slot, await countActiveSessions(kit.db, now));
  });
}

async function keep(kit: Kit, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    kit.log.warn({ err: error }, 'counts could not be kept');
  }
}
