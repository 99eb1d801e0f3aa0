const LEFT_OUT = '[redacted]';
const MAX_DEPTH = 6;
/** Maximum values in one argument of a log call; the rest is left out. */
const MAX_VALUES = 200;
/** Maximum characters of a string. */
const MAX_TEXT = 2000;

/** Names, in lower case and without `-` and `_`, whose values must not be logged. */
const SECRET_NAME = new RegExp(
  [
    'pass(?:word|wd|phrase|code)|^pwd$|token|secret|authorization|cookie|csrf|credential|assertion|hash|bindings|otp$',
    '(?:private|signing|api)key|^key$|^codes?$|(?:user|login|verification|recovery|reset)codes?$',
  ].join('|'),
);

/** Patterns of secrets, and what replaces them in a finished line. */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  // JWT, whole or without its signature
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, LEFT_OUT],
  // values of headers
  [/\b(Bearer|Basic) +[\w.~+/-]+=*/gi, `$1 ${LEFT_OUT}`],
  [/\b(authorization|cookie|x-session-token): +[^"\\]+/gi, `$1: ${LEFT_OUT}`],
  // hashes of passwords
  [/(?:argon2)?\$argon2\w*\$[\w$=,+/.-]+|\b(?:pbkdf2|scrypt|bcrypt)\w*\$[\w$=+/.-]+/g, LEFT_OUT],
  // the password in a URL
  [/(:\/\/[^\s/:@"\\]*:)[^\s/@"\\]+@/g, `$1${LEFT_OUT}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))/gs, LEFT_OUT],
  // name=value, and JSON within a text
  [/((?:password|passwd|token|secret|cookie|\bcode|\bkey)[\w-]{0,40}=)[^\s"'&;,\\]+/gi, `$1${LEFT_OUT}`],
  [/((?:password|passwd|token|secret|cookie|authorization)[\w-]{0,40}\\" ?: ?\\")(?:(?!\\").)*/gi, `$1${LEFT_OUT}`],
];

/** Replaces what looks like a secret in a finished line of JSON. The line stays valid JSON. */
export function scrub(line: string): string {
  return SECRET_SHAPES.reduce((text, [shape, instead]) => text.replace(shape, instead), line);
}

/** What may be logged of a value: JSON without the values of secret names. Only plain objects are included; errors as by `describeError`. */
export function clean(value: unknown): unknown {
  return cleanValue(value, { depth: 0, budget: { left: MAX_VALUES } });
}

/** As `clean`, for the members of an object of any class. */
export function cleanMembers(object: object): Record<string, unknown> {
  return membersOf(object, { depth: 0, budget: { left: MAX_VALUES } });
}

/**
 * What may be logged of an error: type, message, code, stack frames and causes. Drivers, parsers and HTTP clients add values and headers as further
 * members, which are left out, and quote values in the message, which are removed.
 */
export function describeError(error: Error): Record<string, unknown> {
  return errorMembers(error, { depth: 0, budget: { left: MAX_VALUES } });
}

interface Walk {
  readonly depth: number;
  readonly budget: { left: number };
}

function cleanValue(value: unknown, walk: Walk): unknown {
  walk.budget.left -= 1;
  if (walk.budget.left < 0) return undefined;
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (walk.depth >= MAX_DEPTH) return '[…]';
  if (value instanceof Error) return errorMembers(value, walk);
  if (Array.isArray(value)) return value.slice(0, MAX_VALUES).map((item) => cleanValue(item, deeper(walk)));
  return isPlain(value) ? membersOf(value, walk) : `[${value.constructor.name}]`;
}

function membersOf(object: object, walk: Walk): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    if (walk.budget.left <= 0) break;
    const isSecret = SECRET_NAME.test(name.toLowerCase().replace(/[-_]/g, ''));
    members[name] = isSecret && value !== null && value !== undefined ? LEFT_OUT : cleanValue(value, deeper(walk));
  }
  return members;
}

function errorMembers(error: Error, walk: Walk): Record<string, unknown> {
  const code: unknown = Reflect.get(error, 'code');
  const readable = typeof code === 'string' && /^[A-Z0-9_]{1,50}$/.test(code) ? code : undefined;
  return {
    type: /^[\w$.]{1,60}$/.test(error.name) ? error.name : 'Error',
    message: cleanMessage(error, readable),
    code: readable,
    stack: framesOf(error),
    cause: error.cause === undefined || walk.depth >= MAX_DEPTH ? undefined : cleanValue(error.cause, deeper(walk)),
    errors: error instanceof AggregateError ? cleanValue(error.errors, deeper(walk)) : undefined,
  };
}

/** Removes values: knex puts the statement with its values before the driver's message; V8 quotes invalid JSON, PostgreSQL the value. */
function cleanMessage(error: Error, code: string | undefined): string {
  if (error instanceof SyntaxError && /JSON/.test(error.message)) return 'not valid JSON';
  const message = error.message.replace(STATEMENT, '');
  const isFromDatabase = code !== undefined && /^(?:SQLITE_\w+|[0-9A-Z]{5})$/.test(code);
  return cut(isFromDatabase ? message.replace(QUOTED_VALUE, '"…"') : message);
}

const STATEMENT =
  /^\s*(?:select|insert|update|delete|replace|with|begin|commit|rollback|savepoint|release|create|alter|drop|pragma|lock|set)\b.* - /is;
const QUOTED_VALUE = /(?<!\b(?:relation|constraint|column|table|index|function|type|schema|database|role|user|near) )"(?!,).*"/gs;

/** The stack frames, without the message. */
function framesOf(error: Error): string | undefined {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.length > 0
    ? cut(
        frames
          .slice(0, 20)
          .map((line) => line.trim())
          .join('\n'),
      )
    : undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

function deeper({ depth, budget }: Walk): Walk {
  return { depth: depth + 1, budget };
}
