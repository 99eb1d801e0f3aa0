/**
 * What `work` gives, unless it takes longer than `limit` milliseconds; 0: no limit. Work that is late goes on unheard.
 * @param late makes what is thrown then
 * @param ref whether the process lives on for the sake of the limit; default: true
 */
export async function withinLimit<Result>(work: Promise<Result>, limit: number, late: () => Error, { ref = true } = {}): Promise<Result> {
  if (limit === 0) return work;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), limit);
    if (!ref) timer.unref();
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
