import type { ClientStorage } from './storage.ts';

/** The part of the Web's `LockManager` that the client uses. */
export interface Locks {
  request<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** Milliseconds after which the lease of a closed tab expires; longer than any refresh takes. */
const LEASE = 40_000;
/** Milliseconds after which two tabs that took the lease at the same time see each other. */
const SETTLING = 30;

/** Web Locks, if available. */
export function nativeLocks(): Locks | undefined {
  return (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks;
}

/**
 * Runs one at a time with a lease in the tabs' shared storage, for browsers without Web Locks. Storage has no atomic operation, so two tabs
 * could still both hold the lease. The client therefore reads its tokens again after a failed refresh.
 */
export function leaseLocks(storage: ClientStorage): Locks {
  const read = async (name: string): Promise<{ by?: string; until?: number }> => {
    try {
      return (JSON.parse((await storage.getItem(name)) ?? '{}') ?? {}) as { by?: string; until?: number };
    } catch {
      return {};
    }
  };
  return {
    async request(name, work) {
      const by = `${Math.random()}${Math.random()}`;
      try {
        for (;;) {
          const { until = 0 } = await read(name);
          if (until < Date.now() || until > Date.now() + LEASE) {
            await storage.setItem(name, JSON.stringify({ by, until: Date.now() + LEASE }));
            await pause(SETTLING);
            if ((await read(name)).by === by) break;
          }
          await pause(SETTLING * (1 + Math.random()));
        }
      } catch {
        return work(); // storage that cannot be written is not shared either
      }
      try {
        return await work();
      } finally {
        if ((await read(name)).by === by) await storage.removeItem(name);
      }
    },
  };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
