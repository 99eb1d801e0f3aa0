/** Counted events that are too frequent for the audit log. */
export type TallyName = 'refresh';

/** Counts of this process since its start, and those that are not stored yet. */
export interface Tallies {
  add(name: TallyName): void;
  /** The count since the start of the process. */
  total(name: TallyName): number;
  /** The counts since the last call. */
  take(): Map<TallyName, number>;
}

/** Creates counts that start at zero. */
export function createTallies(): Tallies {
  const totals = new Map<TallyName, number>();
  let fresh = new Map<TallyName, number>();
  return {
    add(name) {
      totals.set(name, (totals.get(name) ?? 0) + 1);
      fresh.set(name, (fresh.get(name) ?? 0) + 1);
    },
    total: (name) => totals.get(name) ?? 0,
    take() {
      const taken = fresh;
      fresh = new Map();
      return taken;
    },
  };
}
