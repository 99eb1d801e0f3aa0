/** What is counted that is too frequent for a line in the audit log each time. */
export type TallyName = 'refresh';

/** Counts of this process since its start, and what of them is not in the database yet. */
export interface Tallies {
  add(name: TallyName): void;
  /** Since the start of the process. */
  total(name: TallyName): number;
  /** What was added since the last call. */
  take(): Map<TallyName, number>;
}

/** Counts that stand at nothing. */
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
