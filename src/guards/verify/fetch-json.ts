import { messageOf } from './errors.ts';

/** The part of `fetch` that is used; a runtime's own, or one that reaches a service in another way. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface JsonRequest {
  fetch: Fetch;
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Seconds until the whole answer has to be there. */
  timeout: number;
  /** Bytes; a longer answer is given up unread. */
  maxBytes: number;
  /** Gives the request up. */
  signal?: AbortSignal;
}

export interface JsonAnswer {
  status: number;
  header: (name: string) => string;
  /** What the JSON says; null where the status is not 200. */
  body: unknown;
}

/**
 * One request for JSON, bounded in time and size. Redirects are not followed: who may answer for a URL is decided by whoever wrote it down.
 * @throws {Error} whose message says of which URL, and what is wrong with it
 */
export async function fetchJson(url: string, request: JsonRequest): Promise<JsonAnswer> {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new Error('given up'));
  const limit = setTimeout(() => controller.abort(new Error(`no answer within ${request.timeout} s`)), request.timeout * 1000);
  request.signal?.addEventListener('abort', giveUp);
  try {
    if (request.signal?.aborted) giveUp();
    return await exchange(url, request, controller.signal);
  } catch (error) {
    throw new Error(`${url}: ${messageOf(controller.signal.aborted ? controller.signal.reason : error)}`, { cause: error });
  } finally {
    clearTimeout(limit);
    request.signal?.removeEventListener('abort', giveUp);
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
    throw new Error('redirects, which is not followed');
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
    throw new Error(`answers more than ${maxBytes} bytes`);
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > maxBytes) {
      await reader?.cancel();
      throw new Error(`answers more than ${maxBytes} bytes`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

/** A connection is free again only when its answer was read or given up. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** Without the parser's own message, which quotes what it could not read. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('answers something that is not JSON');
  }
}
