import { addTallies } from '../store/tallies.ts';
import type { Kit } from './kit.ts';

/** Milliseconds of counts that a crash may cost. */
const INTERVAL = 10_000;

/** Writes down from time to time what was counted. @returns what stops it */
export function startTallying(kit: Kit): () => void {
  const timer = setInterval(() => void keepTallies(kit), INTERVAL);
  timer.unref();
  return () => clearInterval(timer);
}

/** Writes down what was counted since the last time. Where the database does not answer, that is lost: these are statistics. */
export async function keepTallies(kit: Kit): Promise<void> {
  const tallies = kit.tallies.take();
  if (tallies.size === 0) return;
  try {
    await addTallies(kit.db, tallies, kit.now());
  } catch (error) {
    kit.log.warn({ err: error }, 'counts could not be kept');
  }
}
