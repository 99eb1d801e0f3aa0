import type { AccountAdapter, LoginDetails, LoginIdentifier, SignupForm, VisitorAction } from '../contracts/plug-points/account-adapter.ts';
import type { AdapterRequest, ClientConnection, LinkOrigin } from '../contracts/plug-points/request.ts';
import type { MailContent, MailTemplate } from '../contracts/plug-points/mail-sender.ts';
import type { SmsTemplate } from '../contracts/plug-points/sms-sender.ts';
import type { EmailRecord, PendingLogin, UserRecord } from '../contracts/records.ts';
import { clientAddress } from '../http/origin.ts';
import { generateUserCode } from '../kit/credentials/codes.ts';
import { Refusal } from '../kit/errors.ts';
import type { Kit } from '../kit/kit.ts';
import { checkPassword } from '../kit/credentials/passwords.ts';
import type { Writing } from '../kit/write.ts';
import { resetLink, verificationLink } from '../mail/links.ts';
import { verifyEmail } from '../store/emails.ts';
import { insertUser } from '../store/users.ts';
import { authenticateByPassword, isPasswordOf } from './flows/authenticate.ts';
import { uniqueUsername } from './flows/usernames.ts';
import { usernameRefusals } from './identity.ts';
import { requiresLoginCode } from './login-code-rule.ts';

/**
 * What accounts do, hook by hook: derive a class from it, override what is to be otherwise, and name it in ACCOUNT_ADAPTER. There is one instance,
 * made at the start with `(kit, options)`. Hooks may be async where that helps.
 *
 * A hook refuses by throwing a `Refusal` (`invalid(param, code, message)`): the client hears of it. All else that it throws is a bare 500.
 * Hooks that get `writing` run in a transaction: what they throw undoes all of it, they use `writing.db` alone, do nothing slow, and may be run
 * again. The others run outside of transactions. Source: allauth `account/adapter.py`.
 */
export class DefaultAccountAdapter implements AccountAdapter {
  protected readonly kit: Kit;
  #hasWarned = false;

  /** `kit.plugins` is empty until all plugins are made: look there from `open` on, not here. */
  constructor(kit: Kit) {
    this.kit = kit;
  }

  /** Whether this visitor may sign up; else 403, and neither flows nor config offer it. Default: ACCOUNT_ALLOW_SIGNUP. */
  isOpenForSignup(_request: AdapterRequest): boolean | Promise<boolean> {
    return this.kit.settings.ACCOUNT_ALLOW_SIGNUP;
  }

  /**
   * Refuses a visitor before anything is looked up, hashed or sent, and before the input is checked: for a CAPTCHA, whose token stands in
   * `request.body` or a header. Called once the rate limit has let the request in. Default: lets everybody in.
   */
  checkVisitor(_request: AdapterRequest, _action: VisitorAction): void | Promise<void> {}

  /** The address, in lower case, as it is to be taken; refuses one that may not be used: at signup, reset, and for an address that is added. */
  cleanEmail(email: string): string | Promise<string> {
    return email;
  }

  /**
   * The user name as it is to be taken; refuses one that may not be used. `shallow`: it is one of many that the server makes up, so no look-ups.
   * Default: ACCOUNT_USERNAME_BLACKLIST and ACCOUNT_USERNAME_VALIDATORS. Whether it is taken is looked at elsewhere.
   */
  cleanUsername(username: string, _options: { shallow: boolean }): string | Promise<string> {
    const errors = usernameRefusals(this.kit, username);
    if (errors.length > 0) throw new Refusal(400, errors);
    return username;
  }

  /** The number (E.164) as it is to be taken; refuses one that may not be used: at signup, and when it is changed. */
  cleanPhone(phone: string): string | Promise<string> {
    return phone;
  }

  /** Refuses a new password; `user` holds what is known of whose it is. Default: AUTH_PASSWORD_VALIDATORS. */
  async cleanPassword(password: string, user: { username?: string; email?: string }): Promise<void> {
    const problems = await checkPassword(this.kit, password, user);
    if (problems.length > 0) throw new Refusal(400, problems);
  }

  /**
   * Checks the members of a signup that are this project's own: all but address, user name, phone and passwords. What it gives (plain JSON, at most
   * 16 KiB) is kept as `extra` of the user. Its refusals name their `param`, and are told with all else that is wrong. Default: keeps nothing.
   * In the place of ACCOUNT_SIGNUP_FORM_CLASS.
   */
  cleanSignup(_members: Readonly<Record<string, unknown>>): SignupForm['extra'] | Promise<SignupForm['extra']> {
    return {};
  }

  /** A user name for a signup that gave none. `tries`: how often one that this gave was taken by another signup meanwhile. */
  populateUsername(_request: AdapterRequest, form: SignupForm, tries: number): string | Promise<string> {
    return this.generateUniqueUsername([form.email, 'user'], tries);
  }

  /** A free user name made from the first of the texts that serves; also for users whom an admin makes. */
  generateUniqueUsername(texts: readonly string[], tries: number): Promise<string> {
    return uniqueUsername(this.kit, texts, tries, (username) => this.cleanUsername(username, { shallow: true }));
  }

  /** Whether the address of a signup is known to be the visitor's, as from an invitation: it is then verified at once. Default: false. */
  isEmailVerified(_request: AdapterRequest, _email: string): boolean | Promise<boolean> {
    return false;
  }

  /**
   * Stores the user of a signup; the server stores address and number in the same transaction. Override it to change the record first (`super.saveUser`
   * with another one: `isActive: false` has nobody logged in), or to store more. Gives the user as stored, under the same id.
   */
  async saveUser(_request: AdapterRequest, user: UserRecord, form: SignupForm, { db }: Writing): Promise<UserRecord> {
    const saved = { ...user, extra: { ...user.extra, ...form.extra } };
    await insertUser(db, saved);
    return saved;
  }

  /** Called before a password is looked at, after the limit `login_failed`. Default: nothing. */
  preAuthenticate(_request: AdapterRequest, _login: LoginIdentifier): void | Promise<void> {}

  /**
   * The user whose password it is; `null`: nobody's. Override it to ask elsewhere; nobody must take longer than somebody, or less long.
   * A user who is not active is given as any other: the server lets nobody in who is not.
   */
  authenticate(_request: AdapterRequest, login: LoginIdentifier, password: string): Promise<UserRecord | null> {
    return authenticateByPassword(this.kit, login, password);
  }

  /** Called after a failed login was written to the audit log. Default: nothing. */
  authenticationFailed(_request: AdapterRequest, _login: LoginIdentifier): void | Promise<void> {}

  /** Whether it is the password of the user, who is logged in and proves it anew. */
  reauthenticate(_request: AdapterRequest, user: UserRecord, password: string): Promise<boolean> {
    return isPasswordOf(this.kit, user, password);
  }

  /**
   * Called when a user has proved to be that one, by whatever means, before the stages; refuses the login. At a signup the user is not stored yet.
   * At a login by code it is called when the code is asked for, so a refusal tells that there is an account. Default: nothing.
   */
  preLogin(_request: AdapterRequest, _user: UserRecord, _login: LoginDetails): void | Promise<void> {}

  /** Called when a login is complete and the session stored; what it throws ends the session. Default: nothing. */
  postLogin(_request: AdapterRequest, _user: UserRecord, _login: LoginDetails): void | Promise<void> {}

  /** Whether this login has to be confirmed by a code. Default: ACCOUNT_LOGIN_BY_CODE_REQUIRED. */
  isLoginByCodeRequired(request: AdapterRequest, login: PendingLogin): boolean | Promise<boolean> {
    return requiresLoginCode(this.kit, request, login);
  }

  /** Marks an address as verified. False: the user has it no more, and the key or code stays unused. */
  confirmEmail(_request: AdapterRequest, user: UserRecord, email: string, { db }: Writing): Promise<boolean> {
    return verifyEmail(db, { userId: user.id, email, unique: this.kit.settings.ACCOUNT_UNIQUE_EMAIL });
  }

  /** Whether a user may remove this one of all the addresses; the primary one of several stays in any case. Default: not the primary one, unless it is the last and one logs in without it. */
  canDeleteEmail(email: EmailRecord, all: readonly EmailRecord[]): boolean | Promise<boolean> {
    if (all.length > 1) return !email.primary;
    return this.kit.settings.ACCOUNT_LOGIN_METHODS.some((method) => method !== 'email');
  }

  /** A code to log in with by mail. Of a code only letters (A-Z) and digits count. */
  generateLoginCode(): string | Promise<string> {
    return generateUserCode(this.kit, this.kit.settings.ACCOUNT_LOGIN_BY_CODE_FORMAT);
  }

  /** A code that verifies an address. */
  generateEmailVerificationCode(): string | Promise<string> {
    return generateUserCode(this.kit, this.kit.settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT);
  }

  /** A code that resets a password. */
  generatePasswordResetCode(): string | Promise<string> {
    return generateUserCode(this.kit, this.kit.settings.ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT);
  }

  /** A code that goes out by SMS; `user` null: to nobody, or a number that is not to be told from another. */
  generatePhoneVerificationCode(_to: { user: UserRecord | null; phone: string }): string | Promise<string> {
    return generateUserCode(this.kit, this.kit.settings.ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT);
  }

  /** Whether a login or signup mails what verifies its address. Where it has to wait for that, it waits all the same. Default: true. */
  shouldSendConfirmationMail(_request: AdapterRequest, _user: UserRecord, _email: string, _signup: boolean): boolean | Promise<boolean> {
    return true;
  }

  /** Whether this user may reset the password; else no mail goes out, and the visitor hears the same. Default: true. */
  shouldSendPasswordResetMail(_request: AdapterRequest, _user: UserRecord, _email: string): boolean | Promise<boolean> {
    return true;
  }

  /** Whether a user is told of a change by mail, by its name such as `password_changed`. Default: ACCOUNT_EMAIL_NOTIFICATIONS. */
  shouldSendNotificationMail(_user: UserRecord, _name: string): boolean | Promise<boolean> {
    return this.kit.settings.ACCOUNT_EMAIL_NOTIFICATIONS;
  }

  /** What a mail says; `standard` is what the server would send. Values are as users typed them: escape them for HTML. */
  renderMail(_template: MailTemplate, standard: MailContent): MailContent | Promise<MailContent> {
    return standard;
  }

  /** What an SMS says; `standard` is what the server would send. */
  renderSms(_template: SmsTemplate, standard: string): string | Promise<string> {
    return standard;
  }

  /** The subject of a mail as it goes out. Default: behind ACCOUNT_EMAIL_SUBJECT_PREFIX. `site`: the host of the request. */
  formatEmailSubject(subject: string, site: string): string {
    return `${this.kit.settings.ACCOUNT_EMAIL_SUBJECT_PREFIX.replaceAll('[site]', `[${site}]`)}${subject}`;
  }

  /** Whom a mail is from. Default: DEFAULT_FROM_EMAIL. */
  getFromEmail(site: string): string {
    return this.kit.settings.DEFAULT_FROM_EMAIL ?? `noreply@${site}`;
  }

  /** Where the link leads that verifies an address. */
  getEmailConfirmationUrl(request: LinkOrigin, key: string): string {
    return verificationLink({ ...linkOrigin(request), kit: this.kit }, key);
  }

  /** Where the link leads that resets a password. */
  getResetPasswordFromKeyUrl(request: LinkOrigin, key: string): string {
    return resetLink({ ...linkOrigin(request), kit: this.kit }, key);
  }

  /** What a user is called, in the headless API and the dashboard. */
  userDisplay({ id, username, email }: Pick<UserRecord, 'id' | 'username' | 'email'>): string {
    return username || email || id;
  }

  /** The address of the client, for rate limits, sessions and the audit log. Default: by ALLAUTH_TRUSTED_PROXY_COUNT and _CLIENT_IP_HEADER. */
  getClientIp(connection: ClientConnection): string {
    return clientAddress(this.kit.settings, connection, () => this.#warnOfAddress());
  }

  /** Once: each request through such a proxy would say the same. All its clients share one rate limit until it is mended. */
  #warnOfAddress(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    // Without the entry, which may be anything that a client has sent.
    this.kit.log.warn(
      'a proxy names no IP address for its client; look at ALLAUTH_TRUSTED_PROXY_COUNT and ALLAUTH_TRUSTED_CLIENT_IP_HEADER',
    );
  }

  /** The user agent, for sessions and notices; cut at 512 characters. */
  getHttpUserAgent({ header }: ClientConnection): string {
    return header('User-Agent');
  }
}

function linkOrigin({ origin, header }: LinkOrigin): LinkOrigin {
  return { origin, header };
}
