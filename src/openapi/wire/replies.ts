/** A name of `SCHEMAS` by status. */
export type Replies = Readonly<Record<number, string>>;

const LOGIN: Replies = { 200: 'AuthenticatedReply' };
const OPTIONS: Replies = { 200: 'WebAuthnRequestOptions' };
const DONE: Replies = { 200: 'Done' };

/**
 * What an endpoint answers with when it does what it is for, by route; what any endpoint may answer with is added by `document.ts`. An endpoint that
 * is missing here is a fault that a test names.
 */
export const REPLIES: Readonly<Record<string, Replies>> = {
  'GET /config': { 200: 'ConfigurationReply' },
  'POST /auth/login': LOGIN,
  'POST /auth/signup': LOGIN,
  'GET /auth/session': LOGIN,
  'DELETE /auth/session': {},
  'GET /auth/sessions': { 200: 'Sessions' },
  'DELETE /auth/sessions': { 200: 'Sessions' },
  'POST /tokens/refresh': { 200: 'TokenPair' },
  'POST /auth/reauthenticate': LOGIN,
  'GET /auth/email/verify': { 200: 'EmailVerification' },
  'POST /auth/email/verify': LOGIN,
  'POST /auth/email/verify/resend': DONE,
  'POST /auth/phone/verify': LOGIN,
  'POST /auth/phone/verify/resend': DONE,
  'POST /auth/password/request': DONE,
  'GET /auth/password/reset': { 200: 'PasswordReset' },
  'POST /auth/password/reset': LOGIN,
  'POST /account/password/change': LOGIN,
  'POST /auth/code/request': {},
  'POST /auth/code/confirm': LOGIN,
  'POST /auth/code/resend': DONE,
  'POST /auth/provider/redirect': {},
  'POST /auth/provider/token': LOGIN,
  'GET /auth/provider/signup': { 200: 'ProviderSignupReply' },
  'POST /auth/provider/signup': LOGIN,
  'GET /account/providers': { 200: 'ProviderAccounts' },
  'DELETE /account/providers': { 200: 'ProviderAccounts' },
  'GET /account/email': { 200: 'EmailAddresses' },
  'POST /account/email': { 200: 'EmailAddresses' },
  'PUT /account/email': DONE,
  'PATCH /account/email': { 200: 'EmailAddresses' },
  'DELETE /account/email': { 200: 'EmailAddresses' },
  'GET /account/phone': { 200: 'PhoneNumbers' },
  'POST /account/phone': { 202: 'PhoneNumberChange' },
  'POST /auth/2fa/authenticate': LOGIN,
  'POST /auth/2fa/reauthenticate': LOGIN,
  'POST /auth/2fa/trust': LOGIN,
  'GET /auth/webauthn/authenticate': OPTIONS,
  'POST /auth/webauthn/authenticate': LOGIN,
  'GET /auth/webauthn/reauthenticate': OPTIONS,
  'POST /auth/webauthn/reauthenticate': LOGIN,
  'GET /auth/webauthn/login': OPTIONS,
  'POST /auth/webauthn/login': LOGIN,
  'GET /auth/webauthn/signup': { 200: 'WebAuthnCreationOptions' },
  'POST /auth/webauthn/signup': {},
  'PUT /auth/webauthn/signup': LOGIN,
  'GET /account/authenticators': { 200: 'Authenticators' },
  'GET /account/authenticators/totp': { 200: 'TOTPReply', 404: 'TOTPSecret' },
  'POST /account/authenticators/totp': { 200: 'TOTPReply' },
  'DELETE /account/authenticators/totp': DONE,
  'GET /account/authenticators/recovery-codes': { 200: 'RecoveryCodesReply' },
  'POST /account/authenticators/recovery-codes': { 200: 'RecoveryCodesReply' },
  'GET /account/authenticators/webauthn': { 200: 'WebAuthnCreationOptions' },
  'POST /account/authenticators/webauthn': { 200: 'WebAuthnReply' },
  'PUT /account/authenticators/webauthn': { 200: 'WebAuthnReply' },
  'DELETE /account/authenticators/webauthn': DONE,
};
