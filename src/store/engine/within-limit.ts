/**
 * Returns the result of `work`, unless it takes longer than `limit` milliseconds; 0 for no limit. The result of late work is ignored.
 * @param late creates the error to throw on a timeout
 * @param ref whether the timer keeps the process alive; default: true
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
