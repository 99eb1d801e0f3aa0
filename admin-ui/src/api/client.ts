/** One error of the envelope. */
export interface WireError {
  code: string;
  message: string;
  param?: string;
}

/** A way on from a 401. */
export interface Flow {
  id: string;
  is_pending?: boolean;
}

/** The server's answer, where it is no success. */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: readonly WireError[];
  readonly flows: readonly Flow[];
  readonly isAuthenticated: boolean;

  constructor(status: number, body: Body) {
    super(body.errors?.[0]?.message ?? `HTTP ${status}`);
    this.status = status;
    this.errors = body.errors ?? [];
    this.flows = body.data?.flows ?? [];
    this.isAuthenticated = body.meta?.is_authenticated === true;
  }
}

/** No answer came. */
export class OfflineError extends Error {}

interface Body {
  data?: { flows?: Flow[] };
  meta?: { is_authenticated?: boolean };
  errors?: WireError[];
}

/** The path that the dashboard is served below, with a slash at its end. */
export const BASE = new URL('./', document.baseURI).pathname;

/** Where the headless API's browser client is. */
export const HEADLESS = '/_allauth/browser/v1/';

/** Where the admin API is. */
export const ADMIN = `${BASE}api/v1/`;

/**
 * One request; JSON both ways, with the CSRF token of the cookie.
 * @throws {ApiError} for any answer that is no success; {OfflineError} where none came; an AbortError when `signal` says so
 */
export async function send<Reply>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<Reply> {
  const response = await fetch(url, {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      // The language that is shown; of the browser's languages it may be the last, or none.
      'Accept-Language': document.documentElement.lang,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(method !== 'GET' && { [pageMeta('csrf-header', 'X-CSRFToken')]: csrfToken() }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError();
  });
  const parsed: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, parsed as Body); // read member by member, none is taken for granted
  return parsed as Reply; // the shape that the API declares
}

/** Whether the error only says that a newer request replaced this one. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

function csrfToken(): string {
  const prefix = `${pageMeta('csrf-cookie', 'csrftoken')}=`;
  const pair = document.cookie.split('; ').find((each) => each.startsWith(prefix));
  return pair?.slice(prefix.length) ?? '';
}

/** What the server says in the page's head. */
function pageMeta(name: string, fallback: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? fallback;
}
