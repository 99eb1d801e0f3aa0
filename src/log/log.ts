import { pino, type Bindings, type DestinationStream, type Logger } from 'pino';
import { LineWriter } from './line-writer.ts';
import { clean, cleanMembers, describeError, scrub } from './cleaning.ts';

/** A request in the access log. */
export interface AccessLine {
  /** The request id. */
  id: string;
  method: string;
  /** Path or URL; the query string is cut off. */
  path: string;
  status: number;
  /** Milliseconds until the response. */
  ms: number;
}

/**
 * Creates a logger that writes JSON lines to stderr (stdout is for the output of commands), or to `destination`. It keeps secrets out of the log:
 * values of secret names are left out at any depth, errors are reduced to what identifies the fault, objects other than plain ones are not
 * included, and the finished line is searched for what looks like a secret.
 */
export function createLogger(settings: { LOG_LEVEL: string }, destination: DestinationStream & { flush?(): void } = openStderr()): Logger {
  const logger = pino(
    {
      level: settings.LOG_LEVEL,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (described: unknown) => described }, // already described; pino's serializer would do it again
      hooks: {
        logMethod(args, method, level) {
          Reflect.apply(method, this, cleanArguments(args));
          if (level >= FLUSH_LEVEL) destination.flush?.();
        },
        streamWrite: scrub,
      },
    },
    destination,
  );
  cleanChildren(logger);
  return logger;
}

/** Lines of this level of pino (warn) and above are written at once. */
const FLUSH_LEVEL = 40;

let stderr: LineWriter | undefined;

/** The writer of this process, shared by all its servers. */
function openStderr(): LineWriter {
  return (stderr ??= new LineWriter(2));
}

/** The fields of the access line: `log.info(requestFields(…), 'request')`. Headers, query and body are never logged. */
export function requestFields({ id, method, path, status, ms }: AccessLine): { req: AccessLine } {
  return { req: { id, method, path: path.replace(/[?#].*$/s, '').slice(0, MAX_PATH), status, ms: Math.round(ms * 10) / 10 } };
}

const MAX_PATH = 500;

/** Cleans the arguments of a log call. An error alone goes under `err`, as pino does; a missing message is then taken from the cleaned error. */
function cleanArguments([first, ...rest]: readonly unknown[]): unknown[] {
  const cleaned = first instanceof Error ? { err: describeError(first) } : clean(first);
  const merged = typeof first === 'object' && typeof cleaned === 'string' ? { object: cleaned } : cleaned; // pino would take a string for the message
  return [merged, ...rest.map(clean)];
}

/** Cleans what `child` binds, which pino's hooks do not see. Children inherit this function. */
function cleanChildren(logger: Logger): void {
  const makeChild: unknown = Reflect.get(logger, 'child');
  if (typeof makeChild !== 'function') throw new TypeError('the logger has no child()');
  Reflect.set(logger, 'child', function (this: Logger, bindings: Bindings, options?: unknown): unknown {
    const child: unknown = Reflect.apply(makeChild, this, [cleanMembers(bindings), options]);
    return child;
  });
}
