/** Where the client keeps its one text; synchronous or not. */
export interface ClientStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
  /** Calls when another tab may have changed the text; gives what ends that. */
  subscribe?(key: string, changed: () => void): () => void;
}

/** Forgets everything with the page; the safest, and the default. */
export function memoryStorage(): ClientStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

/** The part of the Web's `Storage` that is used. */
export type WebStorage = Pick<ClientStorage, 'getItem' | 'setItem' | 'removeItem'>;

interface StorageEvents {
  addEventListener?(name: 'storage', listener: (event: { key: string | null }) => void): void;
  removeEventListener?(name: 'storage', listener: (event: { key: string | null }) => void): void;
}

/**
 * `localStorage` (all tabs share the login) or `sessionStorage` (each its own). Scripts of the page can read what is in there: with an app of the
 * server's own site the browser client, whose cookie no script can read, is safer.
 */
export function webStorage(storage: WebStorage): ClientStorage {
  const page = globalThis as StorageEvents;
  return {
    getItem: (key) => storage.getItem(key),
    setItem: (key, value) => storage.setItem(key, value),
    removeItem: (key) => storage.removeItem(key),
    subscribe(key, changed) {
      const listener = (event: { key: string | null }): void => {
        if (event.key === key || event.key === null) changed();
      };
      page.addEventListener?.('storage', listener);
      return () => page.removeEventListener?.('storage', listener);
    },
  };
}
