import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds after which a condition that tests wait for has failed. Long: other work may keep the machine busy, and only failures take it. */
export const PATIENCE = 180_000;

/** Waits for a condition. @throws {Error} after `PATIENCE` */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`this never became true: ${condition.toString()}`);
    await delay(20);
  }
}
