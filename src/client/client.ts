import type { routes } from './api.ts';
import { Connection } from './connection.ts';
import { ended } from './kept.ts';
import { METHODS } from './methods.ts';
import type { ClientOptions } from './options.ts';
import type { Api, EventName, State } from './types.ts';

export type { ClientOptions } from './options.ts';
export { memoryStorage, webStorage, type ClientStorage, type WebStorage } from './storage.ts';
export {
  Unavailable,
  type Api,
  type AuthenticationMethod,
  type EventName,
  type Flow,
  type PendingFlow,
  type ReplyOf,
  type Route,
  type State,
  type User,
  type WireError,
} from './types.ts';
export type { Locks } from './locks.ts';

/** The client: a method for each endpoint, and `fetch` for your own API. */
export interface Client extends Api {
  /** The state after the last answer, or as another tab stored it. Anonymous until `load()` or another call has read the storage. */
  readonly state: State;
  /** Reads the storage and asks the server who is signed in. @throws {Unavailable}; `state` is then as stored */
  load(): Promise<State>;
  /**
   * Like the global `fetch`, with the access token for `origins`: it is refreshed before it expires, and once after a 401.
   * @throws {Unavailable} if a refresh is needed and the auth server cannot be reached
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * An access token that stays valid for a while, for connections other than fetch (WebSocket); null if no user is signed in, and for the
   * browser client.
   */
  accessToken(): Promise<string | null>;
  /**
   * Navigates to the provider's page, which returns to `callback_url`. Only for the browser client, in a page.
   * @throws {Unavailable}
   */
  redirectToProvider(input: routes['POST /auth/provider/redirect']['input']): Promise<void>;
  /** Adds a listener for an event; returns a function that removes it. */
  on(event: EventName, listener: (state: State) => void): () => void;
  /** Deletes the stored tokens without contacting the server, where the session continues. For signing out while offline. */
  forget(): Promise<void>;
  /** Stops listening to other tabs. */
  close(): void;
}

/** @throws {TypeError} if `baseUrl` is not a URL */
export function createClient(options: ClientOptions): Client {
  const connection = new Connection(options);
  const api = Object.fromEntries(
    Object.entries(METHODS).map(([name, route]) => [name, (input?: unknown) => connection.call(route, input)]),
  );
  const client: Omit<Client, keyof Api> = {
    get state() {
      return connection.keeper.state;
    },
    async load() {
      await connection.keeper.look();
      await connection.call('GET /auth/session');
      return connection.keeper.state;
    },
    fetch: (input, init) => connection.fetch(input, init),
    accessToken: async () => (await connection.fresh()).access ?? null,
    redirectToProvider: (input) => connection.redirect('/auth/provider/redirect', input),
    on: (event, listener) => connection.keeper.on(event, listener),
    forget: () => connection.change((kept) => ended(kept, true)),
    close: () => connection.close(),
  };
  // Each name in METHODS has a method now.
  return Object.defineProperties(api, Object.getOwnPropertyDescriptors(client)) as unknown as Client;
}
