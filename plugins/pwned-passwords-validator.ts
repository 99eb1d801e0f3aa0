import { createHash } from 'node:crypto';
import { fault, Refusal, type Kit, type PasswordProblem, type PasswordValidator } from 'allauth-kit/plugin';
import { z } from 'zod';
import { faultOf, readUrl } from './outgoing.ts';

const Options = z.strictObject({
  /** Where ranges are asked for: the prefix is put behind it. Another one for a mirror of one's own. */
  url: z.string().default('https://api.pwnedpasswords.com/range/'),
  /** Seconds for the whole answer. */
  timeout: z.number().positive().max(10).default(2),
  /** How often a password must have been found before it is refused. */
  threshold: z.int().min(1).default(1),
  /** What happens when the server does not answer: true takes the password, false refuses it (503). */
  failOpen: z.boolean().default(true),
});

/**
 * Refuses passwords that were found in data breaches. It asks Pwned Passwords (https://haveibeenpwned.com/API/v3#PwnedPasswords) by k-anonymity: only the
 * first 5 of the 40 hex digits of the SHA-1 leave the server, and the answer is padded, so that its length tells nothing either.
 * Config: `AUTH_PASSWORD_VALIDATORS: ['django.contrib.auth.password_validation.…', 'allauth-kit/plugins/pwned-passwords-validator#PwnedPasswordsValidator']`
 */
export class PwnedPasswordsValidator implements PasswordValidator {
  readonly #kit: Kit;
  readonly #url: URL;
  readonly #options: z.output<typeof Options>;
  readonly #stopping = new AbortController();

  /** @throws {Error} for options that are unknown or out of range */
  constructor(kit: Kit, options?: z.input<typeof Options>) {
    this.#kit = kit;
    this.#options = Options.parse(options ?? {});
    this.#url = readUrl(this.#options.url, 'pwned passwords', 'anyone on the network could forge answers');
  }

  async validate(password: string): Promise<PasswordProblem | null> {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const [prefix, suffix] = [hash.slice(0, 5), hash.slice(5)];
    let range: string;
    try {
      range = await this.#fetchRange(prefix);
    } catch (error) {
      const { failOpen } = this.#options;
      this.#kit.log.warn(`${messageOf(error)}; a new password was ${failOpen ? 'taken without the check' : 'refused'}`);
      if (failOpen) return null;
      throw new Refusal(503, [fault('unavailable.password_check')]);
    }
    return countIn(range, suffix) >= this.#options.threshold ? fault('password_breached') : null;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
  }

  /** @throws {Error} whose message holds nothing of the password */
  async #fetchRange(prefix: string): Promise<string> {
    const { host } = this.#url;
    const response = await fetch(`${this.#url.href}${prefix}`, {
      redirect: 'manual',
      headers: { 'Add-Padding': 'true', 'User-Agent': 'allauth-kit' },
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#options.timeout * 1000)]),
    }).catch((error: unknown) => {
      throw new Error(`${host} ${faultOf(error)}`);
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${host} answered ${response.status}`);
    }
    const text = await response.text().catch((error: unknown) => {
      throw new Error(`${host} ${faultOf(error)}`);
    });
    if (!/^(?:[0-9A-F]{35}:\d|\s*$)/i.test(text)) throw new Error(`${host} answered something else than a range`);
    return text;
  }
}

/** How often the password of this suffix was found; lines of padding have 0. */
function countIn(range: string, suffix: string): number {
  const line = range.split(/\r?\n/).find((each) => each.toUpperCase().startsWith(`${suffix}:`));
  return line === undefined ? 0 : Number(line.slice(suffix.length + 1));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the check failed';
}
