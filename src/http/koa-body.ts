import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { Refusal } from '../kit/errors.ts';
import { fault } from '../texts/faults.ts';

/** Bytes; more than any input of the headless API can need. */
const BODY_LIMIT = 256 * 1024;

/**
 * The body of a request as text, whatever its content type. In an app that has parsed the body already, what it made of it.
 * @throws {Refusal} 413 over 256 KiB, 415 for a compressed body, 400 for what is not UTF-8 or ends too early
 */
export async function readBody(context: Context): Promise<string> {
  const parsed = parsedBody(context);
  if (parsed !== null) return parsed;
  const encoding = context.get('Content-Encoding');
  if (encoding && encoding !== 'identity') {
    throw new Refusal(415, [fault('invalid.content_encoding', { encoding })]);
  }
  const length = context.get('Content-Length');
  const bytes = await getRawBody(context.req, { limit: BODY_LIMIT, ...(length && { length }) }).catch((error: unknown) =>
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
  if (statusOf(error) === 413) throw new Refusal(413, [fault('invalid.body_size', { bytes: BODY_LIMIT })]);
  throw new Refusal(400, [fault('invalid.body')]);
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'status' in error ? error.status : undefined;
}

/**
 * An app's own body parser leaves `rawBody`, or at least `body`, on the request. One that passes over a content type leaves a `body` too,
 * but the stream unread: the stream then counts.
 */
function parsedBody({ req, request }: Context): string | null {
  const { rawBody, body } = request as { rawBody?: unknown; body?: unknown };
  if (typeof rawBody === 'string') return rawBody;
  if (body === undefined || (!req.readableDidRead && !req.readableEnded)) return null;
  try {
    return JSON.stringify(body);
  } catch {
    // Nested deeper than the stack is high: parsers can read that, but nothing here asks for it.
    throw new Refusal(400, [fault('invalid_json.depth')]);
  }
}
