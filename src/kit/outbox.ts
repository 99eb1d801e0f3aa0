import type { Kit } from './kit.ts';

const wakers = new WeakMap<Kit, () => void>();

/** Registers the function that is called when this process has added a mail to the outbox. */
export function onMailWritten(kit: Kit, wake: () => void): void {
  wakers.set(kit, wake);
}

/** Makes the mail queue read the outbox now. Does nothing in a process without a mail queue; another one will find the mail. */
export function wakeOutbox(kit: Kit): void {
  wakers.get(kit)?.();
}
