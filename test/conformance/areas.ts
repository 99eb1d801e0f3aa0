/** The areas of the conformance kit that the product covers: how the names of their scenarios begin. */
export const AREAS: readonly string[] = [
  'tokens-',
  'signup-',
  'login-',
  'sessions-',
  'browser-',
  'config-',
  'errors-',
  'verify-',
  'reset-',
  'password-',
  'reauth-',
  'email-',
  'code-',
  'rates-',
];

/** Scenarios of these areas that need a feature that is not there yet, and which. */
export const LATER: Readonly<Record<string, string>> = {
  'config-all-on': 'needs passkeys and providers',
};
