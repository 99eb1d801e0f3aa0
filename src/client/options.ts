import type { Locks } from './locks.ts';
import type { ClientStorage } from './storage.ts';
import type { Fetch } from './transport.ts';

export interface ClientOptions {
  /** The URL of the auth server: the part before `/_allauth`. */
  baseUrl: string;
  /** `app`: tokens in `storage`; `browser`: an HttpOnly cookie. Default: app. */
  client?: 'app' | 'browser';
  /** Default: memory. */
  storage?: ClientStorage;
  /** The key in the storage, and the name of the lock. Default: allauth. */
  key?: string;
  /** Origins to which `fetch()` sends the access token; default: that of `baseUrl`. No other origin ever gets it. */
  origins?: readonly string[];
  /** Seconds before its expiry at which an access token is refreshed; default: 30, and at most half of its lifetime. */
  margin?: number;
  /** Timeout of requests to the auth server in milliseconds; default: 10,000. */
  timeout?: number;
  /** Default: the global one. */
  fetch?: Fetch;
  /** Default: Web Locks; if they are not available, a lease in the storage. */
  locks?: Locks;
}
