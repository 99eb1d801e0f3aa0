import type { PlugPoint } from './plug-point.ts';
import type { AdapterRequest, ClientConnection, LinkOrigin } from './request.ts';
import type { Awaitable, Lifecycle } from './lifecycle.ts';
import type { EmailRecord, EventType, PendingLogin, UserRecord } from '../records.ts';
import type { MailContent, MailTemplate } from './mail-sender.ts';
import type { SmsTemplate } from './sms-sender.ts';

/** Actions of visitors that send mail, hash or create something: the keys of ACCOUNT_RATE_LIMITS. */
export type VisitorAction = 'signup' | 'login' | 'request_login_code' | 'reset_password';

/** The identifier of a login attempt: exactly one of the three. Addresses are in lower case, phone numbers in E.164. */
export type LoginIdentifier = { email: string } | { username: string } | { phone: string };

/** The validated input of a signup. */
export interface SignupForm {
  /** '' if there is none. */
  readonly email: string;
  /** '' if none was given. */
  readonly username: string;
  /** E.164; '' if there is none. */
  readonly phone: string;
  /** The result of `cleanSignup`. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** The transaction that a hook runs in; the base classes declare it with its full type, `Writing`. */
export interface HookWriting {
  readonly db: object;
  readonly record: (type: EventType, subject: { userId: string | null; details?: Record<string, unknown> }) => void;
}

/** How a login started. */
export interface LoginDetails {
  readonly email: string | null;
  readonly signup: boolean;
}

/** Setting ACCOUNT_ADAPTER. Extend DefaultAccountAdapter. */
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

export const accountAdapter: PlugPoint<AccountAdapter> = {
  shape: 'AccountAdapter',
  kind: 'account-adapter',
  noun: 'an account adapter',
  summary: 'changes how accounts behave',
  bases: ['DefaultAccountAdapter'],
  methods: {
    isOpenForSignup: 'required',
    checkVisitor: 'required',
    cleanEmail: 'required',
    cleanUsername: 'required',
    cleanPhone: 'required',
    cleanPassword: 'required',
    cleanSignup: 'required',
    populateUsername: 'required',
    generateUniqueUsername: 'required',
    isEmailVerified: 'required',
    saveUser: 'required',
    preAuthenticate: 'required',
    authenticate: 'required',
    authenticationFailed: 'required',
    reauthenticate: 'required',
    preLogin: 'required',
    postLogin: 'required',
    isLoginByCodeRequired: 'required',
    confirmEmail: 'required',
    canDeleteEmail: 'required',
    generateLoginCode: 'required',
    generateEmailVerificationCode: 'required',
    generatePasswordResetCode: 'required',
    generatePhoneVerificationCode: 'required',
    shouldSendConfirmationMail: 'required',
    shouldSendPasswordResetMail: 'required',
    shouldSendNotificationMail: 'required',
    renderMail: 'required',
    renderSms: 'required',
    formatEmailSubject: 'required',
    getFromEmail: 'required',
    getEmailConfirmationUrl: 'required',
    getResetPasswordFromKeyUrl: 'required',
    userDisplay: 'required',
    getClientIp: 'required',
    getHttpUserAgent: 'required',
  },
};
