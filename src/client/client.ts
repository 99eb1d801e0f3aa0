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
  /** As of the last answer, or of another tab. Anonymous until `load()` or another call has read the storage. */
  readonly state: State;
  /** Reads the storage and asks the server who is signed in. @throws {Unavailable} with `state` as it was kept */
  load(): Promise<State>;
  /**
   * As the global `fetch`, with the access token for `origins`: refreshed before it expires, and once where the answer is 401.
   * @throws {Unavailable} where a refresh is due and the auth server is away
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** An access token that is good for a while, for what is no fetch (WebSocket); null where nobody is signed in, and for the browser client. */
  accessToken(): Promise<string | null>;
  /**
   * Leaves the page for the provider's, which comes back to `callback_url`. Browser client alone, in a page.
   * @throws {Unavailable}
   */
  redirectToProvider(input: routes['POST /auth/provider/redirect']['input']): Promise<void>;
  /** Calls back at an event; gives what ends that. */
  on(event: EventName, listener: (state: State) => void): () => void;
  /** Drops what is kept, without telling the server: its session lives on. For a sign-out without a connection. */
  forget(): Promise<void>;
  /** Stops listening to other tabs. */
  close(): void;
}

/** @throws {TypeError} for a `baseUrl` that is none */
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
  // Each name of METHODS has got its method.
  return Object.defineProperties(api, Object.getOwnPropertyDescriptors(client)) as unknown as Client;
}
