/** Optional methods of every plugin: the server calls `open` after all plugins were created, and `close` when it stops. */
export interface Lifecycle {
  open?(): Promise<void>;
  close?(): Promise<void>;
}

export type Awaitable<Value> = Value | Promise<Value>;
