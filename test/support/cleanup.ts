import type { TestContext } from 'node:test';

const pending = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs `work` when the test ends, last come first: what was opened on top of something else closes before it. */
export function defer(t: TestContext, work: () => unknown): void {
  const known = pending.get(t);
  if (known) {
    known.push(work);
    return;
  }
  const list = [work];
  pending.set(t, list);
  t.after(async () => {
    const faults: unknown[] = [];
    for (const each of list.reverse()) {
      try {
        await each();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length === 1) throw faults[0];
    if (faults.length > 1) throw new AggregateError(faults, 'cleaning up after the test failed');
  });
}
