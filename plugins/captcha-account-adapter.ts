import { DefaultAccountAdapter, fault, invalid, Refusal, type AdapterRequest, type Kit, type VisitorAction } from 'allauth-kit/plugin';
import { z } from 'zod';
import { faultOf, readUrl } from './outgoing.ts';

/** They share one protocol. */
const PROVIDERS = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
} as const;

const ACTIONS = ['signup', 'login', 'request_login_code', 'reset_password'] as const satisfies readonly VisitorAction[];

const Options = z.strictObject({
  provider: z.enum(['turnstile', 'hcaptcha', 'recaptcha']).default('turnstile'),
  /** Default: that of the provider. */
  url: z.string().optional(),
  /** The secret key that the provider gave. */
  secret: z.string().min(1),
  /** The member of the body that has the token of the widget. */
  param: z.string().min(1).default('captcha'),
  /** What a token is asked for. Without `login` by default: the page where staff sign in to the dashboard has no widget. */
  actions: z.array(z.enum(ACTIONS)).default(['signup', 'request_login_code', 'reset_password']),
  /** Host names of the pages that may show the widget; default: whatever the provider allows. */
  hostnames: z.array(z.string()).optional(),
  /** From 0 (a robot) to 1, for providers that give a score. */
  minScore: z.number().min(0).max(1).optional(),
  /** Whether the provider is told the visitor's address. */
  sendIp: z.boolean().default(true),
  /** Seconds. */
  timeout: z.number().positive().max(20).default(5),
  /** What happens when the provider does not answer: true lets everybody in, false nobody (503). */
  failOpen: z.boolean().default(false),
});

/** Characters; no provider's tokens are as long. */
const TOKEN_MAX = 8192;

/** Codes by which a provider says that the fault is the server's. */
const OUR_FAULT = /^(?:missing-input-secret|invalid-input-secret|bad-request|internal-error|sitekey-secret-mismatch)$/;

interface Verdict {
  success?: unknown;
  hostname?: unknown;
  score?: unknown;
  'error-codes'?: unknown;
}

/**
 * Example, off by default: asks visitors for the token of a CAPTCHA (Turnstile, hCaptcha, reCAPTCHA) before signup, login codes, password resets and,
 * where `actions` has it, login. A token serves once, so a front end asks for another one after each answer. Derive from it for an adapter of your own beside it.
 * Config: `ACCOUNT_ADAPTER: ['allauth-kit/plugins/captcha-account-adapter#CaptchaAccountAdapter', { secret: process.env.CAPTCHA_SECRET }]`
 */
export class CaptchaAccountAdapter extends DefaultAccountAdapter {
  readonly #options: z.output<typeof Options>;
  readonly #url: URL;
  readonly #stopping = new AbortController();

  /** @throws {Error} for options that are missing, unknown or out of range */
  constructor(kit: Kit, options: z.input<typeof Options>) {
    super(kit);
    this.#options = Options.parse(options);
    this.#url = readUrl(this.#options.url ?? PROVIDERS[this.#options.provider], 'captcha', 'the secret goes there');
  }

  /** @throws {Refusal} 400 `required` or `captcha_failed` on the member; 503 where the provider cannot be asked and `failOpen` is off */
  override async checkVisitor(request: AdapterRequest, action: VisitorAction): Promise<void> {
    const { actions, param } = this.#options;
    if (!actions.includes(action)) return;
    const token = request.body[param];
    if (token === undefined || token === null || token === '') throw invalid(param, fault('required'));
    if (typeof token !== 'string' || token.length > TOKEN_MAX || !(await this.#isGood(token, request.ip))) {
      throw invalid(param, fault('captcha_failed'));
    }
  }

  /** Who overrides it calls `super.close()`. */
  async close(): Promise<void> {
    this.#stopping.abort();
  }

  async #isGood(token: string, ip: string): Promise<boolean> {
    const { failOpen, hostnames, minScore } = this.#options;
    let verdict: Verdict;
    try {
      verdict = await this.#ask(token, ip);
    } catch (error) {
      this.kit.log.error(
        `captcha: ${error instanceof Error ? error.message : 'failed'}; the visitor was ${failOpen ? 'let in' : 'refused'}`,
      );
      if (failOpen) return true;
      throw new Refusal(503);
    }
    if (verdict.success !== true) return false;
    if (hostnames && !hostnames.some((each) => each === verdict.hostname)) return false;
    return minScore === undefined || (typeof verdict.score === 'number' && verdict.score >= minScore);
  }

  /** @throws {Error} whose message holds neither token nor secret */
  async #ask(token: string, ip: string): Promise<Verdict> {
    const { host } = this.#url;
    const { secret, sendIp, timeout } = this.#options;
    const response = await fetch(this.#url, {
      method: 'POST',
      redirect: 'manual', // the secret is for the provider that was named
      headers: { 'User-Agent': 'allauth-kit' },
      body: new URLSearchParams({ secret, response: token, ...(sendIp && { remoteip: ip }) }),
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeout * 1000)]),
    }).catch((error: unknown) => {
      throw new Error(`${host} ${faultOf(error)}`);
    });
    const verdict: unknown = await response.json().catch(() => null);
    if (typeof verdict !== 'object' || verdict === null) throw new Error(`${host} answered ${response.status}, and no verdict`);
    const codes = codesIn(verdict);
    // Some say with a 400 what is wrong with the token.
    if (response.status >= 500 || codes.some((code) => OUR_FAULT.test(code))) {
      throw new Error(`${host} answered ${response.status} (${codes.filter((code) => /^[a-z-]{1,40}$/.test(code)).join(', ')})`);
    }
    return verdict;
  }
}

function codesIn(verdict: Verdict): string[] {
  const codes = verdict['error-codes'];
  return Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [];
}
