import type { Answer } from './kept.ts';
import { Unavailable } from './types.ts';

export type Fetch = (input: Request) => Promise<Response>;

export interface Wire {
  fetch: Fetch;
  /** Timeout of a request to the auth server in milliseconds. */
  timeout: number;
  csrf: Csrf | null;
}

export interface Message {
  method: string;
  url: string;
  headers: Record<string, string>;
  input?: unknown;
}

/** Sends a request and reads the JSON answer. @throws {Unavailable} if there is no answer, and for 5xx */
export async function exchange(wire: Wire, message: Message): Promise<Answer> {
  const { csrf } = wire;
  if (!csrf) return send(wire, message);
  const changes = message.method !== 'GET';
  if (changes) await csrfToken(wire, csrf);
  const answer = await send(wire, message);
  if (!changes || answer.status !== 403 || answer.errors?.[0]?.code !== 'csrf_failed') return answer;
  // The CSRF token changes at a login, which may have happened in another tab.
  await askForToken(wire, csrf);
  return send(wire, message);
}

/** The CSRF token, requested if there is none yet. @throws {Unavailable} */
export async function csrfToken(wire: Wire, csrf: Csrf): Promise<string> {
  if (!csrf.token()) await askForToken(wire, csrf);
  return csrf.token();
}

function askForToken(wire: Wire, { url }: Csrf): Promise<Answer> {
  return send(wire, { method: 'GET', url, headers: {} });
}

async function send({ fetch, timeout, csrf }: Wire, { method, url, headers, input }: Message): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    const token = method !== 'GET' && csrf?.token();
    const request = new Request(url, {
      method,
      headers: {
        Accept: 'application/json',
        ...headers,
        ...(input !== undefined && { 'Content-Type': 'application/json' }),
        ...(token && { 'X-CSRFToken': token }),
      },
      credentials: csrf ? 'include' : 'omit',
      redirect: 'error',
      signal: abort.signal,
      ...(input !== undefined && { body: JSON.stringify(input) }),
    });
    const response = await fetch(request);
    csrf?.note(response);
    return await readAnswer(response);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw new Unavailable('The auth server could not be reached.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status } = response;
  const after = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const retryAfter = after >= 0 ? after : null;
  const body = (await response.json().catch(() => null)) as Answer | null;
  if (status >= 500 || typeof body !== 'object' || body === null || body.status !== status) {
    throw new Unavailable(`The auth server answered with ${status}.`, { status, retryAfter });
  }
  return status === 429 ? { ...body, retryAfter } : body;
}

/** The CSRF token of the browser client. */
export interface Csrf {
  /** A URL where a GET makes the server set one. */
  url: string;
  token(): string;
  note(response: Response): void;
}

/** From the cookie; a page on another origin cannot read that, and takes it from the header that the server exposes to CORS_ALLOWED_ORIGINS. */
export function csrfOf(url: string): Csrf {
  let shown = '';
  return {
    url,
    token() {
      const cookies = (globalThis as { document?: { cookie: string } }).document?.cookie ?? '';
      return shown || (/(?:^|; )csrftoken=([^;]*)/.exec(cookies)?.[1] ?? '');
    },
    note(response) {
      shown = response.headers.get('X-CSRFToken') ?? shown;
    },
  };
}

/** The part of a page that is used to navigate. */
interface Page {
  createElement(tag: string): { append(child: unknown): void; submit(): void };
  body: { append(child: unknown): void };
}

/** Submits a form, which navigates the page. */
export function submitForm(action: string, fields: Readonly<Record<string, string>>): void {
  const { document } = globalThis as unknown as { document: Page };
  const form = Object.assign(document.createElement('form'), { method: 'post', action });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
  document.body.append(form);
  form.submit();
}
