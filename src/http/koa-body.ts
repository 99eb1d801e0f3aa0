import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { LIMITS } from '../contracts/limits.ts';
import { Refusal } from '../kit/errors.ts';
import { fault } from '../texts/faults.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * The body of a request as text; JSON whatever its content type. If the app has parsed the body already, what it made of it.
 * @throws {Refusal} 413 over 256 KiB, 415 for a compressed body or a form of another type, 400 for what is not UTF-8 or ends too early
 */
export async function readBody(context: Context, kind: 'json' | 'form' = 'json'): Promise<string> {
  if (kind === 'form' && context.is(FORM_TYPE) === false) {
    throw new Refusal(415, [fault('invalid.content_type', { type: FORM_TYPE })]);
  }
  const parsed = parsedBody(context, kind);
  if (parsed !== null) return parsed;
  const encoding = context.get('Content-Encoding');
  if (encoding && encoding !== 'identity') {
    throw new Refusal(415, [fault('invalid.content_encoding', { encoding })]);
  }
  const length = context.get('Content-Length');
  const bytes = await getRawBody(context.req, { limit: LIMITS.body, ...(length && { length }) }).catch((error: unknown) =>
    refuse(context, error),
  );
  return decode(bytes);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal(400, [fault('invalid_json.unicode')]);
  }
}

function refuse(context: Context, error: unknown): never {
  // What is left of the body is not read, so the connection cannot serve another request.
  context.set('Connection', 'close');
  if (statusOf(error) === 413) throw new Refusal(413, [fault('invalid.body_size', { bytes: LIMITS.body })]);
  throw new Refusal(400, [fault('invalid.body')]);
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'status' in error ? error.status : undefined;
}

/**
 * An app's own body parser leaves `rawBody`, or at least `body`, on the request. One that passes over a content type leaves a `body` too,
 * but the stream unread: the stream then counts.
 */
function parsedBody({ req, request }: Context, kind: 'json' | 'form'): string | null {
  const { rawBody, body } = request as { rawBody?: unknown; body?: unknown };
  if (typeof rawBody === 'string') return rawBody;
  if (body === undefined || (!req.readableDidRead && !req.readableEnded)) return null;
  if (kind === 'form') return formText(body);
  try {
    return JSON.stringify(body);
  } catch {
    // Nested deeper than the stack is high: parsers can read that, but nothing here asks for it.
    throw new Refusal(400, [fault('invalid_json.depth')]);
  }
}

/** Parsers give a list for a field that occurs more than once; what they nest (`a[b]=c`) is no field. */
function formText(body: unknown): string {
  const fields = Object.entries(Object(body) as Record<string, unknown>).flatMap(([name, value]) =>
    [value].flat().map((each: unknown): [string, unknown] => [name, each]),
  );
  return new URLSearchParams(fields.filter((field): field is [string, string] => typeof field[1] === 'string')).toString();
}
