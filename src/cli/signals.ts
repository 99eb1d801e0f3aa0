/** Milliseconds after a signal in which another one counts as the same: a terminal and npm both pass on one Ctrl-C. */
const SAME_SIGNAL = 300;

/** Resolves at SIGINT or SIGTERM. At a second signal the process ends at once, with the code of one that was killed by it. */
export function untilSignal(beforeExit: () => void = () => undefined): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null;
    const onSignal = (signal: NodeJS.Signals): void => {
      first ??= performance.now();
      if (performance.now() - first > SAME_SIGNAL) {
        beforeExit();
        process.exit(signal === 'SIGINT' ? 130 : 143);
      }
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}
