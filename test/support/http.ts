import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { checkSpecified } from './specified.ts';

export interface Sending {
  method?: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

/** What a server answered; of a body that is JSON the members of the envelope too. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, where it is JSON; else undefined. */
  readonly json: unknown;
  readonly data: unknown;
  readonly meta: unknown;
  /** `param:code` of each error, sorted; `:code` where there is no param. */
  readonly errorCodes: readonly string[];
  /** Ids of the flows of a 401, sorted. */
  readonly flowIds: readonly string[];
  /** Whole Set-Cookie lines by name of the cookie. */
  readonly setCookies: ReadonlyMap<string, string>;
}

/**
 * Sends one request on a new connection, adding only Host and Content-Length; redirects are not followed.
 * @throws {NotAsSpecified} where an endpoint of the headless API answers otherwise than the OpenAPI document says
 */
export function send(base: string, { method = 'GET', path, headers = {}, body }: Sending): Promise<Reply> {
  const url = new URL(base);
  const length =
    body === undefined
      ? ['GET', 'HEAD', 'OPTIONS'].includes(method)
        ? {}
        : { 'Content-Length': '0' }
      : { 'Content-Length': `${Buffer.byteLength(body)}` };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        method,
        path,
        headers: { Host: url.host, ...length, ...headers },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const reply = toReply(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks).toString());
          try {
            checkSpecified(method, path, reply.status, reply.json);
            resolve(reply);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The value at a path in parsed JSON; undefined where there is none. */
export function dig(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) at = typeof at === 'object' && at !== null ? (Reflect.get(at, step) as unknown) : undefined;
  return at;
}

/** As `dig`, for what has to be a text. @throws {TypeError} for anything else */
export function digText(value: unknown, ...path: readonly (string | number)[]): string {
  const found = dig(value, ...path);
  if (typeof found !== 'string') throw new TypeError(`no text at ${path.join('.')} in ${JSON.stringify(value)}`);
  return found;
}

function toReply(status: number, headers: IncomingHttpHeaders, text: string): Reply {
  const json = parse(text);
  const errors = dig(json, 'errors');
  const flows = dig(json, 'data', 'flows');
  return {
    status,
    headers,
    text,
    json,
    data: dig(json, 'data'),
    meta: dig(json, 'meta'),
    errorCodes: Array.isArray(errors) ? errors.map((each) => `${textOr(dig(each, 'param'))}:${textOr(dig(each, 'code'))}`).sort() : [],
    flowIds: Array.isArray(flows) ? flows.map((each) => textOr(dig(each, 'id'))).sort() : [],
    setCookies: new Map((headers['set-cookie'] ?? []).map((line) => [line.slice(0, line.indexOf('=')), line])),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
