import { pino, type Bindings, type DestinationStream, type Logger } from 'pino';
import { LineWriter } from './line-writer.ts';
import { clean, cleanMembers, describeError, scrub } from './cleaning.ts';

/** One request, as the access line tells it. */
export interface AccessLine {
  /** The request id. */
  id: string;
  method: string;
  /** Path or URL; the query string is cut off. */
  path: string;
  status: number;
  /** Milliseconds that the answer took. */
  ms: number;
}

/**
 * A logger that writes JSON lines to stderr (stdout is for what commands print), or to `destination`. It is made so that secrets stay out:
 * values under telling names are left out however deep they lie, errors are cut down to what names the fault, of objects only plain ones
 * are looked into, and the finished line is searched for what looks like a secret.
 */
export function createLogger(settings: { LOG_LEVEL: string }, destination: DestinationStream & { flush?(): void } = openStderr()): Logger {
  const logger = pino(
    {
      level: settings.LOG_LEVEL,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (described: unknown) => described }, // pino's own would unpack it once more
      hooks: {
        logMethod(args, method, level) {
          Reflect.apply(method, this, cleanArguments(args));
          if (level >= AT_ONCE) destination.flush?.();
        },
        streamWrite: scrub,
      },
    },
    destination,
  );
  cleanChildren(logger);
  return logger;
}

/** From this level of pino's on (warn) a line is not kept back. */
const AT_ONCE = 40;

let stderr: LineWriter | undefined;

/** One for the process, however many servers it has. */
function openStderr(): LineWriter {
  return (stderr ??= new LineWriter(2));
}

/** The members of the access line and no others: `log.info(requestFields(…), 'request')`. Headers, query and body are not for the log. */
export function requestFields({ id, method, path, status, ms }: AccessLine): { req: AccessLine } {
  return { req: { id, method, path: path.replace(/[?#].*$/s, '').slice(0, MAX_PATH), status, ms: Math.round(ms * 10) / 10 } };
}

const MAX_PATH = 500;

/** An error alone goes under `err`, as pino does it; a text that is missing is then taken from there, so from what is cleaned. */
function cleanArguments([first, ...rest]: readonly unknown[]): unknown[] {
  const cleaned = first instanceof Error ? { err: describeError(first) } : clean(first);
  const merged = typeof first === 'object' && typeof cleaned === 'string' ? { object: cleaned } : cleaned; // a string would stand for the text
  return [merged, ...rest.map(clean)];
}

/** pino's hooks do not see what `child` binds. A child inherits the function from its parent. */
function cleanChildren(logger: Logger): void {
  const makeChild: unknown = Reflect.get(logger, 'child');
  if (typeof makeChild !== 'function') throw new TypeError('the logger has no child()');
  Reflect.set(logger, 'child', function (this: Logger, bindings: Bindings, options?: unknown): unknown {
    const child: unknown = Reflect.apply(makeChild, this, [cleanMembers(bindings), options]);
    return child;
  });
}
