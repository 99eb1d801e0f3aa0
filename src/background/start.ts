import { startCleanup } from './cleanup.ts';
import { startDelivery } from './delivery.ts';
import type { Kit } from '../kit/kit.ts';
import { recordSettings } from './settings-event.ts';
import { storeTallies, startTallying } from './tallying.ts';
import { startMailQueue } from './mail-queue.ts';

/**
 * Starts the background work of a server: cleanup, mails, delivery of events to plugins, statistics. Records changed settings in the audit log.
 * @returns a function that stops it all, and waits for running work
 */
export async function startBackground(kit: Kit): Promise<() => Promise<void>> {
  const delivery = await startDelivery(kit);
  await recordSettings(kit);
  const stopCleanup = startCleanup(kit);
  const stopMails = startMailQueue(kit);
  const stopTallying = startTallying(kit);
  return async () => {
    stopTallying();
    await Promise.all([stopCleanup(), stopMails()]);
    await delivery.close();
    await storeTallies(kit);
  };
}
