import { countActiveSessions } from '../store/lists/stats.ts';
import { addTallies, hasSample, keepSample } from '../store/tallies.ts';
import type { Kit } from '../kit/kit.ts';

/** Milliseconds between two writes; a crash loses at most this much. */
const INTERVAL = 10_000;

/** The name of the sample of live sessions. */
export const ACTIVE_SESSIONS = 'active_sessions';

/** Seconds between two samples, for all servers together. */
const SAMPLING = 300;

/** Stores counts, and samples of live sessions, at intervals. @returns a function that stops it */
export function startTallying(kit: Kit): () => void {
  const timer = setInterval(() => void storeTallies(kit).then(() => sampleSessions(kit)), INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}

/** Stores the counts since the last call. They are lost if the database does not answer: these are statistics. */
export async function storeTallies(kit: Kit): Promise<void> {
  const tallies = kit.tallies.take();
  if (tallies.size > 0) await orWarn(kit, () => addTallies(kit.db, tallies, kit.now()));
}

/** Stores the number of live sessions, unless there is a sample of these five minutes. */
export async function sampleSessions(kit: Kit): Promise<void> {
  const now = kit.now();
  const slot = now - (now % SAMPLING);
  await orWarn(kit, async () => {
    if (await hasSample(kit.db, ACTIVE_SESSIONS, slot)) return;
    await keepSample(kit.db, ACTIVE_SESSIONS, slot, await countActiveSessions(kit.db, now));
  });
}

async function orWarn(kit: Kit, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    kit.log.warn({ err: error }, 'statistics could not be stored');
  }
}
