import { useState } from 'preact/hooks';

export interface Action {
  /** It is under way: it cannot be run again until it is over. */
  busy: boolean;
  /** What it failed with last; null: it has not. */
  failure: unknown;
  run: () => void;
}

/** Something that a button does: one at a time, and what it fails with is kept to be shown. */
export function useAction(act: () => Promise<void>): Action {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const run = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await act();
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return { busy, failure, run: () => void run() };
}
