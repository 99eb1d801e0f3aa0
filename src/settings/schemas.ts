import { z } from 'zod';

/** The types of settings. Each has a description, which messages show after `expected`, and the docs show as the type. */

/** A century, in seconds; longer durations are mistakes. */
const CENTURY = 3_153_600_000;

export const flag = z.boolean().describe('true or false');
export const text = z.string().describe('text');
export const filledText = z.string().min(1).describe('text that is not empty');
export const seconds = z.int().min(1).max(CENTURY).describe('a whole number of seconds, 1 or more');
export const secondsOrZero = z.int().min(0).max(CENTURY).describe('a whole number of seconds, 0 or more');
export const days = z.int().min(1).max(36_500).describe('a whole number of days, 1 or more');
export const resends = z.union([z.boolean(), z.int().min(0)]).describe('true, false, or how many times at most');

/** An integer within bounds; without a maximum, up to the largest safe integer of JavaScript. */
export function count(least: number, most?: number) {
  const whole = most === undefined ? z.int().min(least) : z.int().min(least).max(most);
  return whole.describe(most === undefined ? `a whole number, ${least} or more` : `a whole number from ${least} to ${most}`);
}

/** One of the given words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words).describe(`one of ${quoted(words)}`);
}

/** A list of the given words, at least `least` of them. */
export function listOf<const Words extends readonly [string, ...string[]]>(words: Words, least = 0) {
  return z
    .array(z.enum(words))
    .min(least)
    .describe(`a list of ${least > 0 ? 'one or more of ' : ''}${quoted(words)}`);
}

/** A list of texts that match a pattern. */
export function list<Schema extends z.ZodType>(schema: Schema, description: string, least = 0) {
  return z.array(schema).min(least).describe(description);
}

/** What the schema accepts, or `null` for none. */
export function orNone<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullable().describe(`${schema.description ?? 'a value'}, or null`);
}

/** Text that matches a regular expression. */
export function textLike(form: RegExp, description: string) {
  return z.string().regex(form).describe(description);
}

/** A token of RFC 9110 section 5.6.2: header names, authentication schemes, cookie names (RFC 6265 section 4.1.1). */
const TOKEN = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;

export const headerName = textLike(TOKEN, 'the name of an HTTP header, such as "X-Real-IP"');
export const authScheme = textLike(TOKEN, 'an authentication scheme, such as "Bearer"');
export const cookieName = textLike(TOKEN, 'a cookie name: letters, digits and - _ . without blanks');
export const cookieDomain = orNone(textLike(/^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i, 'a domain such as "example.org"'));
export const cookiePath = textLike(/^\/[\x21-\x3a\x3c-\x7e]*$/, 'a path that starts with "/"');
export const cookieSecure = flag.nullable().describe('true, false, or null: by the protocol of the request');

/** As Koa's cookies take it; Django's spelling starts with a capital letter. */
export const sameSite = z
  .union([
    z
      .enum(['Lax', 'Strict', 'None', 'lax', 'strict', 'none'])
      .transform((word) => (({ l: 'lax', s: 'strict', n: 'none' }) as const)[initial(word)]),
    z.literal(false),
  ])
  .describe('"Lax", "Strict", "None", or false: no such attribute');

function initial(word: 'Lax' | 'Strict' | 'None' | 'lax' | 'strict' | 'none'): 'l' | 's' | 'n' {
  return word.startsWith('L') || word.startsWith('l') ? 'l' : word.startsWith('S') || word.startsWith('s') ? 's' : 'n';
}

export const hostPattern = textLike(
  /^(\*|\.?[a-z\d_-]+(\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/i,
  'a host name without scheme and port, such as "example.org", ".example.org" (and all below it), "[::1]" or "*"',
);
export const listenHost = textLike(/^[a-z\d_.:-]+$/i, 'a host name or IP address, such as "127.0.0.1" or "::"');

/** An origin as browsers send it: in lower case, without a default port or a trailing slash. */
export const origin = z
  .string()
  .refine((value) => isOrigin(value))
  .transform((value) => new URL(value).origin)
  .describe('an origin, such as "https://app.example.org", without a path');

/** An origin, or all subdomains of a domain: `https://*.example.org`. */
export const originPattern = z
  .string()
  .refine((value) => isOrigin(value.replace('://*.', '://')))
  .transform((value) => new URL(value.replace('://*.', '://')).origin.replace('://', value.includes('://*.') ? '://*.' : '://'))
  .describe('an origin, such as "https://example.org" or "https://*.example.org", without a path');

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const { protocol, pathname, search, hash, username, password } = url;
  return /^https?:$/.test(protocol) && pathname === '/' && !/[*?#]/.test(value) && search + hash + username + password === '';
}

/** `amount/period/per`, comma-separated; a period is `s`, `m`, `h` or `d`, with a number before it for more than one. */
export const rateLimit = textLike(
  /^\s*[1-9]\d*\/([1-9]\d*)?[smhd]\/(ip|user|key)\s*(,\s*[1-9]\d*\/([1-9]\d*)?[smhd]\/(ip|user|key)\s*)*$/,
  'rates such as "20/m/ip,5/5m/key": amount/period/per, period s, m, h or d, per ip, user or key',
);

/** The path of a module, optionally followed by `#` and the name of an export. */
export const path = textLike(
  /^[^#\s]([^#\n]*[^#\s])?(#[\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u,
  'a module path such as "./plugins/mine.ts#Mine"',
);
export const options = z.record(z.string(), z.unknown()).describe('an object of options');

/** The target of a link in a mail: an absolute URL, or a path on this server. */
export const urlTemplate = textLike(/^([a-z][a-z\d+.-]*:\/)?\/\S*$/i, 'a URL');
export const urlTemplateWithKey = textLike(/^([a-z][a-z\d+.-]*:\/)?\/\S*\{key\}\S*$/i, 'a URL with {key} in it');

/** The format of codes that users type in. Missing members are those of ALLAUTH_USER_CODE_FORMAT. */
export const codeFormat = z
  .strictObject({ numeric: z.boolean().optional(), dashed: z.boolean().optional(), length: z.int().min(4).max(64).optional() })
  .describe('an object {numeric, dashed, length}: true or false, true or false, 4 to 64 characters');

function quoted(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(', ');
}
