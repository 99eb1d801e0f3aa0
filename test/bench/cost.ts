import { Agent, request } from 'node:http';
import { createAllauth, type Config } from 'allauth-kit';
import { createUser } from '../../src/account/flows/create-user.ts';
import type { Child } from './child.ts';
import { bodyInputs, FORM_INPUTS, HEAD_INPUTS, pathInputs, type CostInput, type CostRequest } from './cost-inputs.ts';
import type { Measured, MeasureOptions } from './measure.ts';
import { newFolder, startProduct } from './servers.ts';

/** How many times longer the larger input of a pair is. */
const FACTOR = 8;

/** How much more the larger one may take: work that grows with the square of the length would take 64 times as long. */
const MOST_GROWTH = 24;

/** Milliseconds of the main thread's CPU time that one request may take: all others wait for so long. */
const MOST_CPU = 25;

/** Milliseconds below which growth says nothing: a request costs something whatever it brings. */
const NOISE = 0.4;

/** Times that each request is sent; the least counts. One that seems too dear is sent again as often, in case it was the garbage collector. */
const TRIES = 2;
const MORE_TRIES = 5;

/** What a browser is to send twice; a server takes what has this form. */
const CSRF = 'a'.repeat(32);

const STAFF = { email: 'staff@example.org', password: 'correct-Horse-7-battery' };

/** Everything that the server can be asked for, with the settings that open as many doors as one server can have. */
const SETTINGS: Config = {
  HEADLESS_SERVE_SPECIFICATION: true,
  METRICS_ENABLED: true,
  ALLAUTH_TRUSTED_PROXY_COUNT: 1,
  ACCOUNT_LOGIN_METHODS: ['email', 'username', 'phone'],
  ACCOUNT_SIGNUP_FIELDS: ['email*', 'username', 'phone', 'password1*'],
  ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
  HEADLESS_JWT_ISSUER: 'https://auth.example.org',
  SERVICE_TOKENS: ['a-service-token-of-the-benchmark-0123456789'],
  PASSWORD_HASHERS: [['allauth-kit/plugins/argon2id-password-hasher#Argon2idPasswordHasher', { memoryCost: 64, timeCost: 1 }]],
  MAIL_SENDER: 'allauth-kit/plugins/console-mail-sender#ConsoleMailSender',
  SMS_SENDER: 'allauth-kit/plugins/console-sms-sender#ConsoleSmsSender',
};

/** Pages and guards, which the OpenAPI documents do not name. */
const PAGES: readonly Operation[] = [
  ...['/.well-known/jwks.json', '/.well-known/oauth-authorization-server', '/healthz', '/readyz', '/metrics', '/admin/'].map((path) =>
    get(path),
  ),
  ...['/_allauth/revocations', '/api/me', '/admin/index.html', '/_allauth/unknown', '/_allauth/openapi.json'].map((path) => get(path)),
  ...['/_allauth/introspect', '/_allauth/revoke'].map((path) => ({ method: 'POST', path, members: [], isForm: true })),
];

interface Operation {
  method: string;
  path: string;
  /** Of the JSON body. */
  members: string[];
  isForm?: boolean;
}

function get(path: string): Operation {
  return { method: 'GET', path, members: [] };
}

/**
 * The CPU time of the server's main thread for every operation of the OpenAPI documents, the pages and the guard, with each input at two lengths: work
 * must grow with the length, not with its square, and no request may keep the others waiting. Hashing runs in separate threads, which do not count.
 */
export async function cost({ scripts, short = false }: MeasureOptions & { short?: boolean }): Promise<Measured> {
  const folder = newFolder('cost');
  await makeStaff(folder);
  const child = await startProduct(scripts, folder, SETTINGS);
  const prober = new Prober(child);
  const faults: Fault[] = [];
  let asked = 0;
  let dearest = 0;
  try {
    const operations = [...(await operationsOf(prober)), ...PAGES];
    for (const [index, operation] of operations.entries()) {
      await prober.logIn();
      for (const input of inputsOf(operation, short ? index : null)) {
        const measured = await prober.measure(operation, input);
        asked += 1;
        dearest = Math.max(dearest, measured.large);
        if (isTooDear(measured)) faults.push({ operation: `${operation.method} ${operation.path}`, input: input.name, ...measured });
      }
    }
  } finally {
    prober.close();
    await child.stop();
  }
  return {
    goals: [
      { what: `inputs that cost too much, of ${asked}`, value: faults.length, bound: 'most', goal: 0 },
      { what: 'dearest request, ms of CPU', value: dearest, bound: 'most', goal: MOST_CPU },
    ],
    rows: faults
      .slice(0, 50)
      .map(({ operation, input, small, large }) => ({ operation, input, 'ms at n': small.toFixed(2), 'ms at 8 n': large.toFixed(2) })),
  };
}

interface Pair {
  /** Milliseconds of CPU time at an eighth of the limit, and at the limit. */
  small: number;
  large: number;
}

interface Fault extends Pair {
  operation: string;
  input: string;
}

function isTooDear({ small, large }: Pair): boolean {
  return large > MOST_CPU || large > MOST_GROWTH * Math.max(small, NOISE);
}

/** In the short form each operation gets a part of the inputs of its head, so that all operations and all inputs are met, and all of its body. */
function inputsOf({ members, path, isForm, method }: Operation, turn: number | null): CostInput[] {
  const head = turn === null ? HEAD_INPUTS : HEAD_INPUTS.filter((_, index) => (index + turn) % 6 === 0);
  const body = isForm ? FORM_INPUTS : ['GET', 'HEAD'].includes(method) ? [] : bodyInputs(members);
  return [
    ...head,
    ...(turn === null ? body : body.filter(({ name }, index) => (index + turn) % 3 === 0 || name.endsWith('marks'))),
    ...pathInputs(path),
  ];
}

async function makeStaff(folder: string): Promise<void> {
  const config: Config = {
    ...SETTINGS,
    SECRET_KEY: 'a-secret-of-the-benchmark-and-no-other-server',
    DATABASE: `sqlite://${folder}/allauth.sqlite3`,
  };
  const allauth = await createAllauth(config, { background: false });
  try {
    await createUser(allauth.kit, { ...STAFF, isStaff: true, verified: true });
  } finally {
    await allauth.close();
  }
}

interface OpenApi {
  paths: Record<
    string,
    Record<string, { requestBody?: { content?: Record<string, { schema?: { $ref?: string; properties?: object } }> } }>
  >;
  components?: { schemas?: Record<string, { properties?: object }> };
}

async function operationsOf(prober: Prober): Promise<Operation[]> {
  await prober.logIn();
  const documents = await Promise.all(['/_allauth/openapi.json', '/admin/api/v1/openapi.json'].map((path) => prober.read(path)));
  return documents.flatMap((document) => {
    const { paths, components } = document as OpenApi; // the server's own documents
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .map(([method, { requestBody }]): Operation => {
          const schema = requestBody?.content?.['application/json']?.schema;
          const resolved = schema?.$ref ? components?.schemas?.[schema.$ref.replace(/.*\//, '')] : schema;
          return { method: method.toUpperCase(), path, members: Object.keys(resolved?.properties ?? {}) };
        }),
    );
  });
}

/** One client on one connection, which reads off what its requests cost the server. */
class Prober {
  readonly #child: Child;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #token = '';
  /** Of the browser that is logged in. */
  #cookies = '';

  constructor(child: Child) {
    this.#child = child;
  }

  async logIn(): Promise<void> {
    const answer = await this.#send('POST', {
      path: '/_allauth/app/v1/auth/login',
      headers: { authorization: '' },
      body: JSON.stringify(STAFF),
    });
    const { meta } = JSON.parse(answer) as { meta: { access_token: string } };
    this.#token = meta.access_token;
    this.#cookies = '';
    const headers = { 'x-csrftoken': CSRF, cookie: `csrftoken=${CSRF}` };
    const { cookies } = await this.#exchange('POST', { path: '/_allauth/browser/v1/auth/login', headers, body: JSON.stringify(STAFF) });
    this.#cookies = cookies.map((each) => each.replace(/;.*/, '')).join('; ');
  }

  async read(path: string): Promise<unknown> {
    return JSON.parse(await this.#send('GET', { path, headers: {} }));
  }

  async measure({ method, path }: Operation, input: CostInput): Promise<Pair> {
    const least = async (size: number, tries: number): Promise<number> => {
      let cpu = Infinity;
      for (let attempt = 0; attempt < tries; attempt += 1) cpu = Math.min(cpu, await this.#cost(method, input.make(path, size)));
      return cpu;
    };
    const pair = { small: await least(input.limit / FACTOR, TRIES), large: await least(input.limit, TRIES) };
    if (!isTooDear(pair)) return pair;
    return { small: pair.small, large: Math.min(pair.large, await least(input.limit, MORE_TRIES)) };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #cost(method: string, asked: CostRequest): Promise<number> {
    const before = await this.#child.mainThreadCpu();
    await this.#send(method, asked);
    return (await this.#child.mainThreadCpu()) - before;
  }

  async #send(method: string, asked: CostRequest): Promise<string> {
    return (await this.#exchange(method, asked)).body;
  }

  /** As the app that is logged in, or on the paths of browsers as the browser, in everything that the input does not say itself. */
  #exchange(method: string, { path, headers, body = '' }: CostRequest): Promise<{ body: string; cookies: string[] }> {
    const csrf = /csrftoken=([^;]+)/.exec(this.#cookies)?.[1];
    const own: Record<string, string> = path.includes('/browser/')
      ? { ...(this.#cookies && { cookie: this.#cookies }), ...(csrf && { 'x-csrftoken': csrf }) }
      : { ...(this.#token && { authorization: `Bearer ${this.#token}` }) };
    return new Promise((resolve, reject) => {
      const all = {
        ...own,
        ...headers,
        'content-length': String(Buffer.byteLength(body)),
      };
      const sent = request(
        `${this.#child.url}${path.replace(/\{\w+\}/g, '00000000-0000-0000-0000-000000000000')}`,
        { method, agent: this.#agent, headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => resolve({ body: Buffer.concat(parts).toString(), cookies: response.headers['set-cookie'] ?? [] }));
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
