import type { Locks } from './locks.ts';
import type { ClientStorage } from './storage.ts';
import type { Fetch } from './transport.ts';

export interface ClientOptions {
  /** Where the auth server is: what stands before `/_allauth`. */
  baseUrl: string;
  /** `app`: tokens in `storage`; `browser`: an HttpOnly cookie. Default: app. */
  client?: 'app' | 'browser';
  /** Default: memory. */
  storage?: ClientStorage;
  /** The name of what is kept in the storage, and of the lock. Default: allauth. */
  key?: string;
  /** Origins whose requests get the access token from `fetch()`; default: that of `baseUrl`. No other origin ever gets it. */
  origins?: readonly string[];
  /** Seconds before its end at which an access token is refreshed; default: 30, and at most half of its life. */
  margin?: number;
  /** Milliseconds that the auth server may take to answer; default: 10,000. */
  timeout?: number;
  /** Default: the global one. */
  fetch?: Fetch;
  /** Default: Web Locks; where there are none, a lease in the storage. */
  locks?: Locks;
}
