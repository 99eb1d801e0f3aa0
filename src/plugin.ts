/** 'allauth-kit/plugin': the plug points and what their implementations need, without the server. */
export { DefaultAccountAdapter } from './account/adapter.ts';
export { createUser, type Maker, type NewUser } from './account/flows/create-user.ts';
export type {
  AccountAdapter,
  HookWriting,
  LoginDetails,
  LoginIdentifier,
  SignupForm,
  VisitorAction,
} from './contracts/plug-points/account-adapter.ts';
export type { FrontendPage, HeadlessAdapter } from './contracts/plug-points/headless-adapter.ts';
export type { Lifecycle } from './contracts/plug-points/lifecycle.ts';
export type { MailContent, MailMessage, MailSender, MailTemplate } from './contracts/plug-points/mail-sender.ts';
export type { PasswordHasher } from './contracts/plug-points/password-hasher.ts';
export type { PasswordProblem, PasswordValidator } from './contracts/plug-points/password-validator.ts';
export type { Plugin } from './contracts/plug-points/plugin.ts';
export type { RateLimitResult, RateLimitStore } from './contracts/plug-points/rate-limit-store.ts';
export type { AdapterRequest, ClientConnection, LinkOrigin, RequestHeaders, RequestOrigin } from './contracts/plug-points/request.ts';
export type {
  KeyInfo,
  KeyRotation,
  KeyRotationOptions,
  KeyWithdrawal,
  KeyWithdrawalOptions,
  PublicKey,
} from './contracts/plug-points/signing-keys.ts';
export type { SmsMessage, SmsSender, SmsTemplate } from './contracts/plug-points/sms-sender.ts';
export type {
  AccessClaims,
  AccessTokenPayload,
  LiveToken,
  RefreshedTokens,
  TokenStrategy,
  ValidatedAccessToken,
} from './contracts/plug-points/token-strategy.ts';
export type { UsernameValidator } from './contracts/plug-points/username-validator.ts';
export type * from './contracts/records.ts';
export { DefaultHeadlessAdapter } from './http/headless-adapter.ts';
export { toWireErrors } from './http/input.ts';
export { invalid, Refusal } from './kit/errors.ts';
export type { Kit } from './kit/kit.ts';
export { closeHashing, hashInWorker, Overloaded } from './kit/credentials/hashing/pool.ts';
export { fault } from './texts/faults.ts';
export { newTokenId, randomSecret, sameText, sha256 } from './kit/random.ts';
export { authenticationMethods } from './kit/sessions/methods.ts';
export type { Writing } from './kit/write.ts';
export { hitRateLimit, returnRateLimitHit } from './store/rate-limits.ts';
export { findReferenceToken, insertReferenceToken } from './store/reference-tokens.ts';
export { findSession } from './store/sessions.ts';
export { findUser, setUserExtra } from './store/users.ts';
export { AbstractTokenStrategy } from './tokens/strategies/abstract.ts';
export { JWTTokenStrategy } from './tokens/strategies/jwt.ts';
export { SessionTokenStrategy } from './tokens/strategies/session.ts';
