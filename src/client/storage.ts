/** Where the client stores its state as a text; synchronous or not. */
export interface ClientStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
  /** Calls the listener when another tab may have changed the text; returns a function that removes it. */
  subscribe?(key: string, changed: () => void): () => void;
}

/** Keeps the state until the page is closed; the safest, and the default. */
export function memoryStorage(): ClientStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

/** The part of the Web's `Storage` that the client uses. */
export type WebStorage = Pick<ClientStorage, 'getItem' | 'setItem' | 'removeItem'>;

interface StorageEvents {
  addEventListener?(name: 'storage', listener: (event: { key: string | null }) => void): void;
  removeEventListener?(name: 'storage', listener: (event: { key: string | null }) => void): void;
}

/**
 * `localStorage` (all tabs share the login) or `sessionStorage` (one login per tab). Scripts of the page can read it. For an app on the
 * server's own site, the browser client is safer: no script can read its cookie.
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
