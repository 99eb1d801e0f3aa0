import type { TestContext } from 'node:test';
import type { Middleware } from 'koa';
import type { Kit, MailMessage, MailSender } from 'allauth-kit/plugin';
import { Argon2idPasswordHasher } from 'allauth-kit/plugins/argon2id-password-hasher';
import { createAllauth, listen, type Allauth, type Config, type CreateOptions } from 'allauth-kit';
import { createLogger } from '../../src/log/log.ts';
import { defer } from './cleanup.ts';
import { AppClient, BrowserClient } from './clients.ts';
import { testDatabase } from './database.ts';
import { Mailbox } from './mail.ts';
import { keepLog } from './secrets.ts';
import { watchAnswers, type NotAsSpecified } from './specified.ts';

/** A clock to turn; Unix seconds. Starts at the real time, so that tokens are good for other programs too. */
export class Clock {
  #offset = 0;

  readonly now = (): number => Math.floor(Date.now() / 1000) + this.#offset;

  /** Turns it on by so many seconds. */
  advance(seconds: number): void {
    this.#offset += seconds;
  }
}

export interface TestServer {
  readonly url: string;
  readonly allauth: Allauth;
  readonly kit: Allauth['kit'];
  readonly clock: Clock;
  /** What the server sent, unless the settings name another MAIL_SENDER or an EMAIL_HOST. */
  readonly mail: Mailbox;
  /** The log so far, a JSON text for each line. */
  readonly log: readonly string[];
  app(): AppClient;
  browser(): BrowserClient;
  /** Stops it before the test ends; in-flight requests finish. */
  close(): Promise<void>;
}

export interface ServerOptions extends Pick<CreateOptions, 'folder'> {
  clock?: Clock;
  /** More middleware behind the server's own; `allauth` is the server's handle. */
  use?: (allauth: Allauth) => readonly Middleware[];
}

/** Hashes in a millisecond, on threads that outlive the server: starting one costs more than most tests. */
class FastHasher extends Argon2idPasswordHasher {
  constructor(kit: Kit) {
    super(kit, { memoryCost: 64, timeCost: 1 });
  }

  override async close(): Promise<void> {}
}

const FAST_HASHING: Config['PASSWORD_HASHERS'] = [FastHasher, 'pbkdf2_sha256'];

/**
 * Starts a complete server on its own port and stops it when the test ends. `DATABASE` is a new one unless it is given. The test fails if any
 * response of the server differs from the OpenAPI document.
 */
export async function testServer(
  t: TestContext,
  settings: Config = {},
  { clock = new Clock(), use, folder }: ServerOptions = {},
): Promise<TestServer> {
  // Tests do in a second what people do in an hour; those of the limits set them.
  const mail = new Mailbox();
  class MailboxSender implements MailSender {
    async send(message: MailMessage): Promise<void> {
      mail.add(message);
    }
  }
  const sender: Config = settings.EMAIL_HOST ? {} : { MAIL_SENDER: MailboxSender };
  const defaults: Config = { ...sender, PORT: 0, PASSWORD_HASHERS: FAST_HASHING, ACCOUNT_RATE_LIMITS: false };
  const config: Config = { ...defaults, ...settings, DATABASE: settings.DATABASE ?? (await testDatabase(t)) };
  const log: string[] = [];
  const logger = createLogger({ LOG_LEVEL: 'trace' }, { write: (line: string) => void log.push(line) });
  const allauth = await createAllauth(config, { now: clock.now, log: logger, ...(folder !== undefined && { folder }) });
  const faults: NotAsSpecified[] = [];
  const watched = { ...allauth, middleware: watchAnswers(allauth.middleware, faults) };
  const running = await listen(watched, use ? { use: use(allauth) } : {}).catch(async (error: unknown) => {
    await allauth.close();
    throw error;
  });
  defer(t, async () => {
    await running.close();
    keepLog(log);
    if (faults[0]) throw faults[0];
  });
  return {
    url: running.url,
    allauth,
    kit: allauth.kit,
    clock,
    mail,
    log,
    app: () => new AppClient({ url: running.url }),
    browser: () => new BrowserClient({ url: running.url }),
    close: () => running.close(),
  };
}
