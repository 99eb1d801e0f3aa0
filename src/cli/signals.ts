/** Milliseconds within which a second signal counts as the same: the terminal and npm both forward one Ctrl-C. */
const SAME_SIGNAL = 300;

/** Resolves on SIGINT or SIGTERM. A second signal ends the process at once, with the exit code for that signal. */
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
