import type { Kit } from './kit.ts';

const wakers = new WeakMap<Kit, () => void>();

/** Registers what is called whenever a mail was written to the outbox of this server. */
export function onMailWritten(kit: Kit, wake: () => void): void {
  wakers.set(kit, wake);
}

/** Has the outbox looked at now rather than at the next round. Where this process sends no mails, another one finds it. */
export function wakeOutbox(kit: Kit): void {
  wakers.get(kit)?.();
}
