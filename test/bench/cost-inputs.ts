/** A request to one operation, whose one input has about `size` bytes. */
export interface CostRequest {
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** One way to make an operation work: an input that grows with `size` (bytes). */
export interface CostInput {
  name: string;
  /** Bytes at the limit: of the headers together, or of the body. */
  limit: number;
  make(path: string, size: number): CostRequest;
}

/** Node takes 16 KiB of request line and headers together. */
const HEADERS_LIMIT = 15_000;
const BODY_LIMIT = 250_000;

const times = (part: string, size: number): string => part.repeat(Math.max(1, Math.floor(size / Buffer.byteLength(part))));

function inQuery(name: string, part: string): CostInput {
  return { name: `query ${name}`, limit: HEADERS_LIMIT, make: (path, size) => ({ path: `${path}?${times(part, size)}`, headers: {} }) };
}

function inHeader(header: string, part: string, before = ''): CostInput {
  return {
    name: `header ${header}: ${before}${part}…`,
    limit: HEADERS_LIMIT,
    make: (path, size) => ({ path, headers: { [header]: before + times(part, size) } }),
  };
}

/** What stands in the query and the headers of any request. */
export const HEAD_INPUTS: readonly CostInput[] = [
  inQuery('a&a&…', 'a&'),
  inQuery('a=…', 'a=1&b=2&'),
  inQuery('%41%41…', '%CC%81'),
  inHeader('cookie', 'a=b; '),
  inHeader('cookie', ' ', 'sessionid='),
  inHeader('cookie', '1700000000.aa_', 'mfa_trusted='),
  inHeader('authorization', 'e30.', 'Bearer '),
  inHeader('authorization', ' ', 'Bearer'),
  inHeader('x-session-token', 'a.'),
  inHeader('x-forwarded-for', '203.0.113.7, '),
  inHeader('x-forwarded-for', ' ', '1'),
  inHeader('accept-language', 'de;q=0.5,'),
  inHeader('accept', 'text/html;q=0.5,'),
  inHeader('origin', 'a', 'https://'),
  inHeader('referer', 'a/', 'https://'),
  inHeader('user-agent', 'Mozilla/5.0 (X11; '),
  inHeader('content-type', 'a/', 'application/'),
  inHeader('x-csrftoken', 'a'),
];

/** Texts that take long to normalize, match, hash or compare where that is done before their length is looked at. */
const TEXTS = {
  letters: 'a',
  marks: '\u0301\u0323',
  blanks: ' ',
  digits: '1',
  dots: 'a.',
  dashes: '-',
  address: 'a@',
};

/** A login names its user by one of these. */
const IDENTIFIERS: ReadonlySet<string> = new Set(['email', 'username', 'phone']);

/** What a JSON body may be made of; `members` are those that the operation takes. */
export function bodyInputs(members: readonly string[]): CostInput[] {
  const json = (name: string, value: (size: number) => unknown): CostInput => ({
    name: `body ${name}`,
    limit: BODY_LIMIT,
    make: (path, size) => ({ path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value(size)) }),
  });
  const each = members.flatMap((member) => [
    ...(IDENTIFIERS.has(member)
      ? [json(`${member} alone: marks`, (size) => ({ [member]: times(TEXTS.marks, size), password: 'a-Value-7-of-good-form' }))]
      : []),
    ...Object.entries(TEXTS).map(([name, part]) => json(`${member}: ${name}`, (size) => filled(members, member, times(part, size)))),
    json(`${member}: list`, (size) => filled(members, member, Array<string>(Math.floor(size / 4)).fill('a'))),
  ]);
  return [
    ...each,
    json('unknown members', (size) => Object.fromEntries(Array.from({ length: Math.floor(size / 12) }, (_, index) => [`m${index}`, 1]))),
    {
      name: 'body nested lists',
      limit: BODY_LIMIT,
      make: (path, size) => ({
        path,
        headers: { 'content-type': 'application/json' },
        body: `{"email":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`,
      }),
    },
  ];
}

/** All members have a value of good form, so that the long one is reached. */
function filled(members: readonly string[], member: string, value: unknown): Record<string, unknown> {
  const others: Record<string, unknown> = { email: 'someone@example.org', phone: '+12025550123', trust: false };
  return { ...Object.fromEntries(members.map((name) => [name, others[name] ?? 'a-Value-7-of-good-form'])), [member]: value };
}

/** What a form body may be made of. */
export const FORM_INPUTS: readonly CostInput[] = ['a&', 'token=a&', '%CC%81'].map((part) => ({
  name: `form ${part}…`,
  limit: BODY_LIMIT,
  make: (path, size) => ({ path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `token=${times(part, size)}` }),
}));

/** A parameter of the path that is long; for paths that have one. */
export function pathInputs(path: string): CostInput[] {
  if (!path.includes('{')) return [];
  return ['a', '%CC%81'].map((part) => ({
    name: `path ${part}…`,
    limit: HEADERS_LIMIT,
    make: (given, size) => ({ path: given.replace(/\{\w+\}/, times(part, size)), headers: {} }),
  }));
}
