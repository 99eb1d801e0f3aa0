import { useEffect, useRef, useState } from 'preact/hooks';
import { isAbort } from '../api/client.ts';

export interface Resource<Data> {
  data: Data | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
  /** Puts another value in its place, such as a changed row. */
  set: (change: (data: Data) => Data) => void;
}

/**
 * Reads something, and again whenever `key` changes; what is no longer asked for is aborted. What was read before stays until the new is there.
 * What failed is tried again when the browser is online again.
 * @param every milliseconds between reloads while the page is visible; 0: never
 */
export function useResource<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>, every = 0): Resource<Data> {
  const [state, setState] = useState<{ data: Data | null; error: unknown; loading: boolean }>({ data: null, error: null, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const controller = new AbortController();
    setState(({ data }) => ({ data, error: null, loading: true }));
    latest.current(controller.signal).then(
      (data) => !controller.signal.aborted && setState({ data, error: null, loading: false }),
      (error: unknown) => !isAbort(error) && !controller.signal.aborted && setState(({ data }) => ({ data, error, loading: false })),
    );
    return () => controller.abort();
  }, [key, turn]);
  const reload = (): void => setTurn((count) => count + 1);
  useEffect(() => {
    if (every === 0) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), every);
    return () => clearInterval(timer);
  }, [every]);
  const failed = state.error !== null;
  useEffect(() => {
    if (!failed) return;
    addEventListener('online', reload);
    return () => removeEventListener('online', reload);
  }, [failed]);
  return {
    ...state,
    reload,
    set: (change) => setState((before) => (before.data === null ? before : { ...before, data: change(before.data) })),
  };
}
