import { startCleanup } from './cleanup.ts';
import { startDelivery } from './delivery.ts';
import type { Kit } from '../kit/kit.ts';
import { recordSettings } from './settings-event.ts';
import { keepTallies, startTallying } from './tallying.ts';
import { startMailQueue } from './mail-queue.ts';

/**
 * Starts what a server does besides answering: cleaning up, sending mails, telling the plugins of events, keeping counts. Notes its start in the audit log where
 * the settings are not those of the start before.
 * @returns what stops it all, and waits for what is under way
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
    await keepTallies(kit);
  };
}
