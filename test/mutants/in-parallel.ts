/** Does the work for each item, so many at the same time; `slot` tells those apart. */
export async function inParallel<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, slot: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const next = async (slot: number): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, slot);
  };
  await Promise.all(Array.from({ length: jobs }, (_, slot) => next(slot)));
}
