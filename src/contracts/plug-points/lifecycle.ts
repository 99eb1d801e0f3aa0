/** Called by the server on every plugin that has them: `open` after all plugins were made, `close` when it stops. */
export interface Lifecycle {
  open?(): Promise<void>;
  close?(): Promise<void>;
}

export type Awaitable<Value> = Value | Promise<Value>;
