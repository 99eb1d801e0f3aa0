// What runs in the pages of the tests; bundled for them, and never imported but for its types.
import { createClient, webStorage, type Client, type ClientOptions, type EventName, type State, type WebStorage } from 'allauth-kit/client';

export interface Tab {
  readonly auth: Client;
  /** The events that came since `open`, in order. */
  readonly heard: EventName[];
  /** Makes the client; `shared`: what it keeps is in localStorage. */
  open(options: Pick<ClientOptions, 'baseUrl' | 'client' | 'margin'>, shared?: boolean): void;
  /** The statuses of so many requests at once. */
  burst(url: string, count: number): Promise<number[]>;
  /** The name of what a call throws; '' where it throws nothing. */
  failure(work: () => Promise<unknown>): Promise<string>;
  /** The state, once it is this one. */
  until(status: State['status']): Promise<State>;
}

declare global {
  // A name of the page's window is declared by `var` alone.
  var tab: Tab;
  var localStorage: WebStorage;
}

const heard: EventName[] = [];
let auth: Client;

globalThis.tab = {
  get auth() {
    return auth;
  },
  heard,
  open(options, shared = false) {
    auth = createClient({ ...options, ...(shared && { storage: webStorage(localStorage) }) });
    for (const name of ['signedIn', 'signedOut', 'expired'] as const) auth.on(name, () => heard.push(name));
  },
  async burst(url, count) {
    const responses = await Promise.all(Array.from({ length: count }, () => auth.fetch(url)));
    return responses.map(({ status }) => status);
  },
  async failure(work) {
    try {
      await work();
      return '';
    } catch (error) {
      return error instanceof Error ? error.name : String(error);
    }
  },
  until(status) {
    if (auth.state.status === status) return Promise.resolve(auth.state);
    return new Promise((resolve) => {
      const stop = auth.on('change', (state) => {
        if (state.status !== status) return;
        stop();
        resolve(state);
      });
    });
  },
};
