import { useEffect, useRef, useState } from 'preact/hooks';
import { read, readPage, type Page, type Query } from '../api/admin.ts';
import { ApiError, isAbort } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { useResource, type Resource } from './resource.ts';

/** Milliseconds between two looks at what has changed elsewhere. */
const LOOK = 5000;

/** Rows whose fate is asked for at one look. */
const MOST_ASKED = 10;

export interface LiveSessions extends Resource<Page<Session>> {
  /** Sessions that have come since, and are not shown yet. */
  fresh: number;
  /** Ids of the rows that the last look changed. */
  changed: ReadonlySet<string>;
}

/**
 * A page of sessions that follows what happens elsewhere: rows change in place, those that leave the filter stay, with their new state;
 * new ones are counted, and come when they are asked for, so that nothing moves under the pointer.
 */
export function useSessions(key: string, query: () => Query): LiveSessions {
  const page = useResource(key, (signal) => readPage('sessions', query(), signal));
  const [fresh, setFresh] = useState(0);
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const latest = useRef({ page, query });
  latest.current = { page, query };
  useEffect(() => {
    setFresh(0);
    setChanged(new Set());
  }, [key, page.loading]);
  useEffect(() => {
    const controller = new AbortController();
    const look = async (): Promise<void> => {
      const { page: now, query: ask } = latest.current;
      if (document.visibilityState !== 'visible' || now.loading || !now.data) return;
      const { rows } = await readPage('sessions', ask(), controller.signal);
      const found = new Map(rows.map((row) => [row.id, row]));
      const shown = now.data.rows;
      for (const row of await fatesOf(
        shown.filter(({ id, state }) => !found.has(id) && state !== 'revoked'),
        controller.signal,
      ))
        found.set(row.id, row);
      if (controller.signal.aborted || latest.current.page.data?.rows !== shown) return;
      const known = new Set(shown.map(({ id }) => id));
      setFresh(rows.filter(({ id }) => !known.has(id)).length);
      const differing = shown.filter((row) => found.has(row.id) && JSON.stringify(found.get(row.id)) !== JSON.stringify(row));
      if (differing.length === 0) return;
      setChanged(new Set(differing.map(({ id }) => id)));
      now.set((data) => ({ ...data, rows: data.rows.map((row) => found.get(row.id) ?? row) }));
    };
    // What fails is tried again at the next look.
    const timer = setInterval(() => void look().catch(() => undefined), LOOK);
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, [key]);
  return { ...page, fresh, changed };
}

/** What has become of rows that are no longer in the list. */
async function fatesOf(rows: readonly Session[], signal: AbortSignal): Promise<Session[]> {
  const found = await Promise.all(
    rows.slice(0, MOST_ASKED).map(async ({ id }) => {
      try {
        return (await read(`sessions/${id}`, {}, signal)).data;
      } catch (error) {
        if (isAbort(error) || error instanceof ApiError) return null;
        throw error;
      }
    }),
  );
  return found.filter((row) => row !== null);
}
