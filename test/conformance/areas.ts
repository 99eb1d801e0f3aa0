/** The areas of the conformance kit that the product covers: how the names of their scenarios begin. */
export const AREAS: readonly string[] = ['tokens-', 'signup-', 'login-', 'sessions-', 'browser-', 'config-', 'errors-'];

const VERIFICATION = 'needs the verification of addresses by mail';
const RESET = 'asks `auth/password/request` too, which comes with the reset of passwords';

/** Scenarios of these areas that need a feature that is not there yet, and which. */
export const LATER: Readonly<Record<string, string>> = {
  'tokens-session-token-before-login': VERIFICATION,
  'browser-pending-session-changes': VERIFICATION,
  'login-unverified': VERIFICATION,
  'signup-duplicate-hidden': VERIFICATION,
  'signup-duplicate-not-mandatory': VERIFICATION,
  'signup-duplicate-shown': VERIFICATION,
  'signup-duplicate-strict': VERIFICATION,
  'errors-wrong-types': RESET,
  'errors-wrong-method': RESET,
  'config-all-on': 'needs login by code, passkeys and providers',
};
