import { randomBytes } from 'node:crypto';
import { dig, send, type Reply } from './http.ts';
import { secret } from './secrets.ts';

/** Good enough for every validator. */
export const PASSWORD = `correct-Horse-${randomBytes(6).toString('hex')}`;

/** An address that no other test has. */
export function newEmail(): string {
  return `user${randomBytes(6).toString('hex')}@example.org`;
}

/** Where requests go; `url` may differ from the Host header. */
export interface Target {
  readonly url: string;
}

export interface Options {
  headers?: Readonly<Record<string, string>>;
  /** Instead of a JSON body. */
  rawBody?: string | Buffer;
}

/** What both clients can do; paths without a slash in front lie below `/_allauth/{client}/v1/`. */
abstract class Client<Own extends Options> {
  readonly target: Target;
  readonly kind: 'app' | 'browser';
  /** Headers of every request of this client. */
  headers: Record<string, string> = { 'User-Agent': 'test/1' };

  constructor(target: Target, kind: 'app' | 'browser') {
    this.target = target;
    this.kind = kind;
  }

  abstract send(method: string, path: string, body?: unknown, options?: Own): Promise<Reply>;

  get(path: string, options?: Own): Promise<Reply> {
    return this.send('GET', path, undefined, options);
  }
  post(path: string, body?: unknown, options?: Own): Promise<Reply> {
    return this.send('POST', path, body, options);
  }
  put(path: string, body?: unknown, options?: Own): Promise<Reply> {
    return this.send('PUT', path, body, options);
  }
  patch(path: string, body?: unknown, options?: Own): Promise<Reply> {
    return this.send('PATCH', path, body, options);
  }
  delete(path: string, body?: unknown, options?: Own): Promise<Reply> {
    return this.send('DELETE', path, body, options);
  }
  signup(email: string, password = PASSWORD, more: object = {}): Promise<Reply> {
    return this.post('auth/signup', { email, password, ...more });
  }
  login(email: string, password = PASSWORD): Promise<Reply> {
    return this.post('auth/login', { email, password });
  }
  session(options?: Own): Promise<Reply> {
    return this.get('auth/session', options);
  }
  logout(options?: Own): Promise<Reply> {
    return this.delete('auth/session', undefined, options);
  }

  protected exchange(method: string, path: string, body: unknown, headers: Record<string, string>, options: Options): Promise<Reply> {
    noteSecrets(body);
    const text = options.rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    return send(this.target.url, {
      method,
      path: path.startsWith('/') ? path : `/_allauth/${this.kind}/v1/${path}`,
      headers: { ...this.headers, ...(text !== undefined && { 'Content-Type': 'application/json' }), ...headers, ...options.headers },
      ...(text !== undefined && { body: text }),
    });
  }
}

export interface AppOptions extends Options {
  /** The credential that goes along; default `auto`: the access token once there is one, else the session token. */
  auth?: 'auto' | 'session' | 'bearer' | 'both' | 'none';
  sessionToken?: string;
  accessToken?: string;
  /** Whether to take over the tokens of the answer; default: true. */
  keep?: boolean;
}

/** An app: keeps session token and token pair as they are handed out. */
export class AppClient extends Client<AppOptions> {
  sessionToken = '';
  accessToken = '';
  refreshToken = '';

  constructor(target: Target) {
    super(target, 'app');
  }

  override async send(method: string, path: string, body?: unknown, options: AppOptions = {}): Promise<Reply> {
    const { auth = 'auto', sessionToken = this.sessionToken, accessToken = this.accessToken } = options;
    const bearer = accessToken !== '' && (auth === 'bearer' || auth === 'both' || auth === 'auto');
    const session = sessionToken !== '' && (auth === 'session' || auth === 'both' || (auth === 'auto' && !bearer));
    const headers = { ...(bearer && { Authorization: `Bearer ${accessToken}` }), ...(session && { 'X-Session-Token': sessionToken }) };
    const reply = await this.exchange(method, path, body, headers, options);
    noteSecrets(reply.json);
    if (options.keep !== false) {
      this.sessionToken = tokenIn(reply.meta, 'session_token') ?? this.sessionToken;
      this.accessToken = tokenIn(reply.meta, 'access_token') ?? this.accessToken;
      this.refreshToken = tokenIn(reply.meta, 'refresh_token') ?? this.refreshToken;
    }
    return reply;
  }

  /** Refreshes without any other credential; takes over the new tokens unless `take` is false. */
  async refresh(token = this.refreshToken, { take = true } = {}): Promise<Reply> {
    const reply = await this.post('tokens/refresh', { refresh_token: token }, { auth: 'none' });
    if (take) {
      this.accessToken = tokenIn(reply.data, 'access_token') ?? this.accessToken;
      this.refreshToken = tokenIn(reply.data, 'refresh_token') ?? this.refreshToken;
    }
    return reply;
  }
}

export interface BrowserOptions extends Options {
  /** The CSRF token to send; false: none. Default: that of the cookie, which is fetched first where there is none. */
  csrf?: string | false;
}

/** A browser with a cookie jar, which sends the CSRF token as a page's script would. */
export class BrowserClient extends Client<BrowserOptions> {
  readonly cookies = new Map<string, string>();

  constructor(target: Target) {
    super(target, 'browser');
  }

  override async send(method: string, path: string, body?: unknown, options: BrowserOptions = {}): Promise<Reply> {
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(method);
    if (changes && options.csrf === undefined && !this.cookies.has('csrftoken')) await this.send('GET', 'config');
    const csrf = changes ? (options.csrf ?? this.cookies.get('csrftoken')) : false;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie && { Cookie: cookie }), ...(csrf && { 'X-CSRFToken': csrf }) };
    const reply = await this.exchange(method, path, body, headers, options);
    for (const line of reply.setCookies.values()) this.#keep(line);
    return reply;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const gone = attributes.some(
      (each) => /^max-age=0$/i.test(each) || (/^expires=/i.test(each) && Date.parse(each.slice(8)) < Date.now()),
    );
    if (gone) this.cookies.delete(name);
    else this.cookies.set(name, value);
    secret(value);
  }
}

const SECRET_MEMBER = /password|token|code|key|secret/i;

/** Whatever stands under a telling name in what was sent or answered. */
function noteSecrets(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (typeof member === 'object') noteSecrets(member);
    else if (typeof member === 'string' && name !== 'code' && SECRET_MEMBER.test(name)) secret(member);
  }
}

function tokenIn(members: unknown, name: string): string | undefined {
  const token = dig(members, name);
  return typeof token === 'string' ? token : undefined;
}
