import { afterAnswer, ended, sameCredentials, withPair, type Answer, type Kept } from './kept.ts';
import { Keeper } from './keeper.ts';
import { leaseLocks, nativeLocks, pause, type Locks } from './locks.ts';
import { METHODS } from './methods.ts';
import type { ClientOptions } from './options.ts';
import { memoryStorage } from './storage.ts';
import { csrfOf, csrfToken, exchange, submitForm, type Csrf, type Wire } from './transport.ts';
import { Unavailable } from './types.ts';

/** Requests that start a new flow: if the session that they sent has ended, they are sent once more without it. */
const BEGINNINGS =
  /^(?:GET \/config|POST \/auth\/(?:login|signup|code\/request|password\/request|provider\/token|webauthn\/login|webauthn\/signup))$/;

/** Pauses in milliseconds before a refresh whose answer was lost is retried. */
const PAUSES = [250, 1000];

/** Milliseconds until all tabs see what one of them has stored: browsers sync localStorage between processes independently of Web Locks. */
const SETTLING = 100;

/** What the methods of a client share: the connection to the server, the stored state, and its listeners. */
export class Connection {
  readonly #base: URL;
  readonly #app: boolean;
  readonly #root: string;
  readonly #key: string;
  /** Whether other tabs can read and write the storage too. */
  readonly #shared: boolean;
  readonly #locks: Locks;
  readonly #wire: Wire;
  readonly #origins: readonly string[];
  readonly #margin: number;
  readonly close: () => void;
  readonly keeper: Keeper;
  #renewing: Promise<Kept> | undefined;
  /** Unix milliseconds before which the server accepts no refresh (Retry-After of a 429). */
  #notBefore = 0;
  /** An access token that an API rejected right after a refresh: refreshing again does not help there. */
  #useless = '';

  constructor({ baseUrl, client = 'app', storage, key = 'allauth', origins, margin = 30, timeout = 10_000, fetch, locks }: ClientOptions) {
    const page = (globalThis as { location?: { href: string } }).location?.href;
    this.#base = new URL(baseUrl, page);
    this.#app = client === 'app';
    this.#root = `${this.#base.href.replace(/\/+$/, '')}/_allauth/${client}/v1`;
    this.#key = key;
    this.keeper = new Keeper(storage ?? memoryStorage(), key);
    this.#shared = storage !== undefined;
    this.#origins = (origins ?? [this.#base.origin]).map((each) => new URL(each).origin);
    this.#margin = margin * 1000;
    this.#wire = {
      fetch: fetch ?? ((request) => globalThis.fetch(request)),
      timeout,
      csrf: this.#app ? null : csrfOf(`${this.#root}/config`),
    };
    this.#locks = locks ?? (storage && (nativeLocks() ?? leaseLocks(storage))) ?? { request: (_name, work) => work() };
    this.close = storage?.subscribe?.(key, () => void this.keeper.look()) ?? (() => undefined);
  }

  /** Changes the stored state, under a lock shared with other tabs. */
  async change(make: (kept: Kept) => Kept): Promise<void> {
    const kept = await this.keeper.read();
    if (JSON.stringify(make(kept)) === JSON.stringify(kept)) this.keeper.tell(kept);
    else await this.#alone(async () => this.keeper.write(make(await this.keeper.read())));
  }

  /** The stored state, with an access token that stays valid for a while. */
  async fresh(): Promise<Kept> {
    const kept = await this.keeper.look();
    const { access, refresh, expires = Infinity, life = 0 } = kept;
    const left = expires - Date.now();
    if (!refresh || (access && left > Math.min(this.#margin, life / 2))) return kept;
    try {
      return await this.#renew(access);
    } catch (error) {
      if (access && left > 0) return kept;
      throw error;
    }
  }

  async call(route: string, input?: unknown): Promise<Answer> {
    const used = await this.fresh();
    let answer = await this.#send(route, input, used);
    if (isRefused(answer) && used.refresh && route !== METHODS.logout) {
      const renewed = await this.#renew(used.access);
      if (!renewed.access || !sameUser(used, renewed)) return answer;
      answer = await this.#send(route, input, renewed);
      await this.#settle(route, answer, renewed);
      return answer;
    }
    await this.#settle(route, answer, used);
    if (answer.status === 410 && BEGINNINGS.test(route)) {
      answer = await this.#send(route, input, {});
      await this.#settle(route, answer, await this.keeper.read());
    }
    // The client's state differs from the server's.
    if (answer.status === 409 && route !== METHODS.getSession) await this.call(METHODS.getSession);
    return answer;
  }

  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const page = (globalThis as { location?: { href: string } }).location?.href ?? this.#base;
    const request = input instanceof Request ? new Request(input, init) : new Request(new URL(input, page), init);
    const { fetch, csrf } = this.#wire;
    if (!this.#origins.includes(new URL(request.url).origin) || request.headers.has('Authorization')) return fetch(request);
    if (csrf) return this.#fetchWithCookies(request, csrf);
    const kept = await this.fresh();
    if (!kept.access) return fetch(request);
    const response = await fetch(authorized(request.clone(), kept.access));
    if (response.status !== 401 || !kept.refresh || this.#useless === kept.access) return response;
    const renewed = await this.#renew(kept.access);
    if (!renewed.access || renewed.access === kept.access || !sameUser(kept, renewed)) return response;
    await response.body?.cancel();
    const second = await fetch(authorized(request, renewed.access));
    if (second.status === 401) this.#useless = renewed.access;
    return second;
  }

  async #fetchWithCookies(request: Request, csrf: Csrf): Promise<Response> {
    const sent = new Request(request, { credentials: 'include' });
    const token = /^(?:GET|HEAD|OPTIONS)$/.test(request.method) ? '' : await csrfToken(this.#wire, csrf);
    if (token) sent.headers.set('X-CSRFToken', token);
    const response = await this.#wire.fetch(sent);
    // The client has no token that could have expired; only the auth server knows whether the session has ended.
    if (response.status === 401 && this.keeper.state.status === 'authenticated') await this.call(METHODS.getSession).catch(() => undefined);
    return response;
  }

  /** A redirect that only a page can follow, not a script: it must be requested by submitting a form (contract: in a non-XHR manner). */
  async redirect(path: string, input: Readonly<Record<string, string>>): Promise<void> {
    const { csrf } = this.#wire;
    if (!csrf) throw new TypeError("It takes client: 'browser'.");
    submitForm(this.#root + path, { ...input, csrfmiddlewaretoken: await csrfToken(this.#wire, csrf) });
  }

  #send(route: string, input: unknown, kept: Kept): Promise<Answer> {
    const [method = '', path = ''] = route.split(' ');
    const headers: Record<string, string> = {};
    if (this.#app && kept.access) headers['Authorization'] = `Bearer ${kept.access}`;
    else if (this.#app && kept.session) headers['X-Session-Token'] = kept.session;
    let url = this.#root + path;
    if (method !== 'GET') return exchange(this.#wire, { method, url, headers, input });
    const { key, ...query } = (input ?? {}) as Record<string, string>;
    if (key !== undefined) headers[path.includes('email') ? 'X-Email-Verification-Key' : 'X-Password-Reset-Key'] = key;
    for (const [name, value] of Object.entries(query)) if (value) url += `?${name}=${value}`;
    return exchange(this.#wire, { method, url, headers });
  }

  /** Refreshes once at a time, here and among tabs. `used`: the access token that is no longer valid. */
  #renew(used: string | undefined): Promise<Kept> {
    this.#renewing ??= new Promise<Kept>((resolve, reject) => {
      this.#alone(async () => {
        resolve(await this.#renewNow(used));
        await this.#settled();
      }).catch(reject);
    }).finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #settled(): Promise<void> {
    if (this.#shared) await pause(SETTLING);
  }

  async #renewNow(used: string | undefined): Promise<Kept> {
    const kept = await this.keeper.read();
    if (!kept.refresh || kept.access !== used) {
      this.keeper.tell(kept);
      return kept;
    }
    const answer = await this.#refresh(kept.refresh);
    if (!answer) await this.#settled();
    const now = await this.keeper.read();
    // Another tab may have refreshed first: a lease is not a real lock, and storage may lag behind a lock.
    if (now.refresh !== kept.refresh) return now;
    return this.keeper.write(answer ? withPair(kept, answer) : ended(kept, false));
  }

  /**
   * The new pair; null if the token is no longer valid. A lost answer is requested again: within its grace period the server returns the
   * same pair.
   */
  async #refresh(token: string): Promise<Answer['data'] | null> {
    const early = Math.ceil((this.#notBefore - Date.now()) / 1000);
    if (early > 0) throw new Unavailable('The server wants no refresh yet.', { status: 429, retryAfter: early });
    for (let attempt = 0; ; attempt++) {
      try {
        const { status, data, errors, retryAfter } = await exchange(this.#wire, {
          method: 'POST',
          url: `${this.#root}/tokens/refresh`,
          headers: {},
          input: { refresh_token: token },
        });
        if (status === 200 && data?.access_token) return data;
        if ((status === 400 && !errors?.some(({ param }) => param !== 'refresh_token')) || status === 401 || status === 410) return null;
        if (status === 429) this.#notBefore = Date.now() + (retryAfter ?? 0) * 1000;
        throw new Unavailable(`The refresh was answered with ${status}.`, { status, retryAfter: retryAfter ?? null });
      } catch (error) {
        const wait = PAUSES[attempt];
        if (!(error instanceof Unavailable) || (error.status ?? 500) < 500 || wait === undefined) throw error;
        await pause(wait);
      }
    }
  }

  /** Ignores an answer to credentials that have been replaced in the meantime. */
  async #settle(route: string, answer: Answer, used: Kept): Promise<void> {
    const endsSession = /^DELETE \/auth\/session/.test(route);
    await this.change((kept) => (sameCredentials(kept, used) || answer.meta?.access_token ? afterAnswer(kept, answer, endsSession) : kept));
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#locks.request(`${this.#key}:lock`, work);
  }
}

/** Not signed in, and no pending login: that would have a session token. */
function isRefused({ status, meta }: Answer): boolean {
  return status === 401 && !meta?.is_authenticated && !meta?.session_token;
}

function sameUser({ state: one }: Kept, { state: other }: Kept): boolean {
  return one?.status !== 'authenticated' || (other?.status === 'authenticated' && one.user.id === other.user.id);
}

function authorized(request: Request, token: string): Request {
  request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}
