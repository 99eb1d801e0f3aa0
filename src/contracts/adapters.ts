import type { Lifecycle, MailContent, MailTemplate, SmsTemplate } from './plug-points.ts';
import type { ClientKind, EmailRecord, EventType, PendingLogin, SessionRecord, UserRecord } from './records.ts';

/** The shapes of the two adapters. What each hook is for is told at the classes to derive from: DefaultAccountAdapter, DefaultHeadlessAdapter. */

type Awaitable<Value> = Value | Promise<Value>;

/** A request, as hooks see it. */
export interface AdapterRequest {
  readonly client: ClientKind;
  readonly ip: string;
  readonly userAgent: string;
  /** `https://host`, as the client sees this server; the host is one of ALLOWED_HOSTS. */
  readonly origin: string;
  /** Value of a header, '' where there is none. */
  readonly header: (name: string) => string;
  /** The members of the JSON body as they came, passwords among them: never to be logged. `{}` where there are none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Who is logged in. */
  readonly user: UserRecord | null;
  readonly session: SessionRecord;
}

/** What of a request says where a link leads. */
export type LinkOrigin = Pick<AdapterRequest, 'origin' | 'header'>;

/** What can be known of a connection before any header is believed. */
export interface ClientConnection {
  /** Address of the peer: the client, or the proxy in front. */
  readonly remoteAddress: string;
  /** Value of a header, '' where there is none. */
  readonly header: (name: string) => string;
}

/** What visitors may do that mails, hashes or makes something: by the keys of ACCOUNT_RATE_LIMITS. */
export type VisitorAction = 'signup' | 'login' | 'request_login_code' | 'reset_password';

/** Who somebody claims to be: by exactly one of the three. Addresses are in lower case, numbers E.164. */
export type LoginIdentifier = { email: string } | { username: string } | { phone: string };

/** A signup whose members were found good. */
export interface SignupForm {
  /** '' where there is none. */
  readonly email: string;
  /** '' where none was given. */
  readonly username: string;
  /** E.164; '' where there is none. */
  readonly phone: string;
  /** What `cleanSignup` gave. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** The transaction that a hook runs in; the classes to derive from have it with its full type, `Writing`. */
export interface HookWriting {
  readonly db: object;
  readonly record: (type: EventType, subject: { userId: string | null; details?: Record<string, unknown> }) => void;
}

/** Setting ACCOUNT_ADAPTER. Derive from DefaultAccountAdapter. */
export interface AccountAdapter extends Lifecycle {
  isOpenForSignup(request: AdapterRequest): Awaitable<boolean>;
  checkVisitor(request: AdapterRequest, action: VisitorAction): Awaitable<void>;
  cleanEmail(email: string): Awaitable<string>;
  cleanUsername(username: string, options: { shallow: boolean }): Awaitable<string>;
  cleanPhone(phone: string): Awaitable<string>;
  cleanPassword(password: string, user: { username?: string; email?: string }): Awaitable<void>;
  cleanSignup(members: Readonly<Record<string, unknown>>): Awaitable<Readonly<Record<string, unknown>>>;
  populateUsername(request: AdapterRequest, form: SignupForm, tries: number): Awaitable<string>;
  generateUniqueUsername(texts: readonly string[], tries: number): Awaitable<string>;
  isEmailVerified(request: AdapterRequest, email: string): Awaitable<boolean>;
  saveUser(request: AdapterRequest, user: UserRecord, form: SignupForm, writing: HookWriting): Promise<UserRecord>;

  preAuthenticate(request: AdapterRequest, login: LoginIdentifier): Awaitable<void>;
  authenticate(request: AdapterRequest, login: LoginIdentifier, password: string): Promise<UserRecord | null>;
  authenticationFailed(request: AdapterRequest, login: LoginIdentifier): Awaitable<void>;
  reauthenticate(request: AdapterRequest, user: UserRecord, password: string): Promise<boolean>;
  preLogin(request: AdapterRequest, user: UserRecord, login: LoginDetails): Awaitable<void>;
  postLogin(request: AdapterRequest, user: UserRecord, login: LoginDetails): Awaitable<void>;
  isLoginByCodeRequired(request: AdapterRequest, login: PendingLogin): Awaitable<boolean>;

  confirmEmail(request: AdapterRequest, user: UserRecord, email: string, writing: HookWriting): Promise<boolean>;
  canDeleteEmail(email: EmailRecord, all: readonly EmailRecord[]): Awaitable<boolean>;

  generateLoginCode(): Awaitable<string>;
  generateEmailVerificationCode(): Awaitable<string>;
  generatePasswordResetCode(): Awaitable<string>;
  generatePhoneVerificationCode(to: { user: UserRecord | null; phone: string }): Awaitable<string>;

  shouldSendConfirmationMail(request: AdapterRequest, user: UserRecord, email: string, signup: boolean): Awaitable<boolean>;
  shouldSendPasswordResetMail(request: AdapterRequest, user: UserRecord, email: string): Awaitable<boolean>;
  shouldSendNotificationMail(user: UserRecord, name: string): Awaitable<boolean>;
  renderMail(template: MailTemplate, standard: MailContent): Awaitable<MailContent>;
  renderSms(template: SmsTemplate, standard: string): Awaitable<string>;
  formatEmailSubject(subject: string, site: string): string;
  getFromEmail(site: string): string;
  getEmailConfirmationUrl(request: LinkOrigin, key: string): string;
  getResetPasswordFromKeyUrl(request: LinkOrigin, key: string): string;

  userDisplay(user: Pick<UserRecord, 'id' | 'username' | 'email'>): string;
  getClientIp(connection: ClientConnection): string;
  getHttpUserAgent(connection: ClientConnection): string;
}

/** What a login began with. */
export interface LoginDetails {
  readonly email: string | null;
  readonly signup: boolean;
}

/** A page of the front end, by its key in HEADLESS_FRONTEND_URLS. */
export type FrontendPage =
  'account_confirm_email' | 'account_reset_password' | 'account_reset_password_from_key' | 'account_signup' | 'socialaccount_login_error';

/** Setting HEADLESS_ADAPTER. Derive from DefaultHeadlessAdapter. */
export interface HeadlessAdapter extends Lifecycle {
  serializeUser(user: UserRecord): Awaitable<Record<string, unknown>>;
  getUserSchema(): Readonly<Record<string, unknown>>;
  getFrontendUrl(request: LinkOrigin, page: FrontendPage, key: string): string | null;
}
