/** One kind of plugin: the setting that names it, and the file that a new one starts from. */
export interface PluginKind {
  setting: string;
  /** What it does, in a few words. */
  about: string;
  /** The lines of the config that name it. `path` is its module path. */
  config: (path: string) => string;
  /** The source, with this name for the class. */
  text: (name: string) => string;
}

const one = (setting: string) => (path: string) => `${setting}: '${path}',`;

/** By the kind that `allauth plugin new` takes: every shape of src/contracts/plug-points/ that a setting names. */
export const PLUGIN_KINDS = {
  'token-strategy': {
    setting: 'HEADLESS_TOKEN_STRATEGY',
    about: 'makes and reads the tokens',
    config: one('HEADLESS_TOKEN_STRATEGY'),
    text: (name) => `import { JWTTokenStrategy, type SessionRecord, type UserRecord } from 'allauth-kit/plugin';

export class ${name} extends JWTTokenStrategy {
  /** Claims to add to each access token. Whoever holds the token can read them; iat, exp, sid, jti, sub and token_use are the server's. */
  override async getClaims(user: UserRecord, session: SessionRecord) {
    return { email: user.email, staff: user.isStaff, client: session.client };
  }
}
`,
  },
  'password-hasher': {
    setting: 'PASSWORD_HASHERS',
    about: 'hashes passwords',
    config: (path) => `PASSWORD_HASHERS: ['${path}', 'argon2id', 'pbkdf2_sha256'], // the first hashes, all verify`,
    text: (name) => `import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHasher } from 'allauth-kit/plugin';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Cost of scrypt (RFC 7914): 128 MiB for each password at once. It stands in each hash, so it can be raised here: logins upgrade the old ones. */
const COST = 2 ** 17;

/** Cost, salt and 32 bytes in base64url. */
const FORM = /^${kebab(name)}\\$(\\d{4,8})\\$([\\w-]+)\\$([\\w-]{43})$/;

export class ${name} implements PasswordHasher {
  /** Begins each hash: no other hasher may have it, and it must not change. */
  readonly name = '${kebab(name)}';

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    return [this.name, COST, salt.toString('base64url'), (await keyOf(password, salt, COST)).toString('base64url')].join('$');
  }

  recognizes(hash: string): boolean {
    return FORM.test(hash);
  }

  async verify(password: string, hash: string): Promise<boolean> {
    const [, cost, salt = '', key = ''] = FORM.exec(hash) ?? [];
    const derived = await keyOf(password, Buffer.from(salt, 'base64url'), Number(cost));
    return timingSafeEqual(Buffer.from(key, 'base64url'), derived);
  }

  needsRehash(hash: string): boolean {
    return Number(FORM.exec(hash)?.[1]) < COST;
  }
}

function keyOf(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return derive(password, salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 });
}
`,
  },
  'password-validator': {
    setting: 'AUTH_PASSWORD_VALIDATORS',
    about: 'says what is wrong with a password',
    config: (path) =>
      `AUTH_PASSWORD_VALIDATORS: [{ NAME: 'django.contrib.auth.password_validation.MinimumLengthValidator' }, { NAME: '${path}' }],`,
    text: (name) => `import type { PasswordProblem, PasswordValidator } from 'allauth-kit/plugin';

export class ${name} implements PasswordValidator {
  /** What is wrong with the password, null where nothing is. Passwords are never to be logged. */
  validate(password: string): PasswordProblem | null {
    if (new Set(password).size >= 5) return null;
    return { code: 'password_too_uniform', message: 'This password has fewer than five different characters.' };
  }
}
`,
  },
  'username-validator': {
    setting: 'ACCOUNT_USERNAME_VALIDATORS',
    about: 'says what is wrong with a user name',
    config: one('ACCOUNT_USERNAME_VALIDATORS'),
    text: (name) => `import type { UsernameValidator } from 'allauth-kit/plugin';

const RESERVED = new Set(['admin', 'root', 'support']);

export class ${name} implements UsernameValidator {
  /** What is wrong with the user name; empty where nothing is. */
  validate(username: string): { code: string; message: string }[] {
    return RESERVED.has(username.toLowerCase()) ? [{ code: 'username_reserved', message: 'This user name is reserved.' }] : [];
  }
}
`,
  },
  'mail-sender': {
    setting: 'MAIL_SENDER',
    about: 'sends the mails',
    config: (path) => `MAIL_SENDER: ['${path}', { url: 'https://mail.example/send', token: process.env['MAIL_TOKEN'] }],`,
    text: (name) => sender(name, 'Mail', 'to, from, subject, text, html', 'mail'),
  },
  'sms-sender': {
    setting: 'SMS_SENDER',
    about: 'sends the SMS',
    config: (path) => `SMS_SENDER: ['${path}', { url: 'https://sms.example/send', token: process.env['SMS_TOKEN'] }],`,
    text: (name) => sender(name, 'Sms', 'to, text', 'SMS'),
  },
  'rate-limit-store': {
    setting: 'RATE_LIMIT_STORE',
    about: 'counts what is limited',
    config: one('RATE_LIMIT_STORE'),
    text: (name) => `import type { Kit, RateLimitResult, RateLimitStore } from 'allauth-kit/plugin';

/** Counts in this process alone. For several servers put a store in its place that they share, and that counts in one atomic step. */
export class ${name} implements RateLimitStore {
  readonly #kit: Kit;
  readonly #windows = new Map<string, { used: number; endsAt: number }>();

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Counts \`cost\` uses of the key, as far as they fit: a window begins with the first use and lasts \`period\` seconds. */
  async consume(key: string, { amount, period }: { amount: number; period: number }, cost: number): Promise<RateLimitResult> {
    const now = this.#kit.now();
    const known = this.#windows.get(key);
    const window = known && known.endsAt > now ? known : { used: 0, endsAt: now + period };
    if (window !== known) this.#sweep(now);
    const granted = Math.min(cost, Math.max(0, amount - window.used));
    window.used += granted;
    this.#windows.set(key, window);
    return { granted, resetAfter: Math.max(1, window.endsAt - now) };
  }

  /** Takes back one use that was granted. */
  async giveBack(key: string): Promise<void> {
    const window = this.#windows.get(key);
    if (window && window.used > 0) window.used -= 1;
  }

  #sweep(now: number): void {
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
  }
}
`,
  },
  'event-listener': {
    setting: 'PLUGINS',
    about: 'hears of the events of the audit log',
    config: (path) => `PLUGINS: ['${path}'],`,
    text: (name) => `import type { EventRecord, Kit, Plugin } from 'allauth-kit/plugin';

export class ${name} implements Plugin {
  /** Under this name the database keeps how far it has heard, so it must not change. */
  readonly name = '${kebab(name)}';
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** At least once for each event, in their order, in the background: what it throws is tried again. */
  async onEvent(event: EventRecord): Promise<void> {
    if (event.type === 'login') this.#kit.log.info({ event: event.id, user: event.userId }, 'somebody logged in');
  }
}
`,
  },
  'account-adapter': {
    setting: 'ACCOUNT_ADAPTER',
    about: 'changes how accounts behave',
    config: one('ACCOUNT_ADAPTER'),
    text: (name) => `import { DefaultAccountAdapter, type AdapterRequest } from 'allauth-kit/plugin';

/** Override what is to be otherwise: each hook of DefaultAccountAdapter says what it is for. */
export class ${name} extends DefaultAccountAdapter {
  /** Whether this visitor may sign up. */
  override async isOpenForSignup(request: AdapterRequest): Promise<boolean> {
    return super.isOpenForSignup(request);
  }
}
`,
  },
  'headless-adapter': {
    setting: 'HEADLESS_ADAPTER',
    about: 'changes how users appear in the headless API',
    config: one('HEADLESS_ADAPTER'),
    text: (name) => `import { DefaultHeadlessAdapter, type UserRecord } from 'allauth-kit/plugin';

export class ${name} extends DefaultHeadlessAdapter {
  /** The user as clients see it. */
  override async serializeUser(user: UserRecord): Promise<Record<string, unknown>> {
    return { ...(await super.serializeUser(user)), joined: user.createdAt };
  }

  /** What it adds, for the OpenAPI document. */
  override getUserSchema() {
    return { joined: { type: 'integer', description: 'Unix seconds' } };
  }
}
`,
  },
} as const satisfies Record<string, PluginKind>;

/** "AcmeMail" → "acme-mail". */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** Posts to an HTTP API, as most services have one. */
function sender(name: string, shape: 'Mail' | 'Sms', members: string, what: string): string {
  return `import type { ${shape}Message, ${shape}Sender } from 'allauth-kit/plugin';

interface Options {
  /** Where your service takes ${what === 'mail' ? 'mails' : what}. */
  url: string;
  /** Its key, from the environment. */
  token?: string;
}

export class ${name} implements ${shape}Sender {
  readonly #options: Options;

  constructor(_kit: unknown, options: Options) {
    this.#options = options;
  }

  /** Resolves once the ${what} is handed over for good. What it throws makes the server try again; \`id\` stays the same then. */
  async send({ id, ${members} }: ${shape}Message): Promise<void> {
    const { url, token } = this.#options;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id, ...(token && { Authorization: \`Bearer \${token}\` }) },
      body: JSON.stringify({ ${members} }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(\`the service answered \${response.status}\`);
  }
}
`;
}
