import { messageOf } from './errors.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface JsonRequest {
  fetch: Fetch;
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Seconds for the whole response, including its body. */
  timeout: number;
  /** Maximum bytes of the body. */
  maxBytes: number;
  /** Aborts the request. */
  signal?: AbortSignal;
}

export interface JsonAnswer {
  status: number;
  header: (name: string) => string;
  /** The parsed JSON; `null` unless the status is 200. */
  body: unknown;
}

/**
 * Requests JSON, with limits on time and size. Redirects are not followed: only the configured URL is trusted.
 * @throws {Error} with the URL and the reason in its message
 */
export async function fetchJson(url: string, request: JsonRequest): Promise<JsonAnswer> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error('the request was aborted'));
  const limit = setTimeout(() => controller.abort(new Error(`no answer within ${request.timeout} s`)), request.timeout * 1000);
  request.signal?.addEventListener('abort', abort);
  try {
    if (request.signal?.aborted) abort();
    return await exchange(url, request, controller.signal);
  } catch (error) {
    throw new Error(`${url}: ${messageOf(controller.signal.aborted ? controller.signal.reason : error)}`, { cause: error });
  } finally {
    clearTimeout(limit);
    request.signal?.removeEventListener('abort', abort);
  }
}

async function exchange(url: string, request: JsonRequest, signal: AbortSignal): Promise<JsonAnswer> {
  const { fetch, method = 'GET', headers = {}, body } = request;
  const response = await fetch(url, {
    method,
    headers: { Accept: 'application/json', ...headers },
    ...(body !== undefined && { body }),
    redirect: 'manual',
    signal,
  });
  const { status } = response;
  const header = (name: string): string => response.headers.get(name) ?? '';
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await discard(response);
    throw new Error('the response is a redirect, which is not followed');
  }
  if (status !== 200) {
    await discard(response);
    return { status, header, body: null };
  }
  return { status, header, body: parse(await readText(response, request.maxBytes)) };
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (Number(response.headers.get('Content-Length')) > maxBytes) {
    await discard(response);
    throw new Error(`the response has more than ${maxBytes} bytes`);
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > maxBytes) {
      await reader?.cancel();
      throw new Error(`the response has more than ${maxBytes} bytes`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

/** Cancels the body: a connection is only reused after the body was read or cancelled. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** Parses JSON. Leaves out the parser's message, which quotes the text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('the response is not JSON');
  }
}
