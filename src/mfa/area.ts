import type { Area } from '../http/area.ts';

/** Multi-factor authentication: what the settings allow, for clients that ask GET config. */
export const mfa: Area = {
  name: 'mfa',
  endpoints: [],
  config: ({ settings }) => ({
    mfa: { supported_types: settings.MFA_SUPPORTED_TYPES, passkey_login_enabled: settings.MFA_PASSKEY_LOGIN_ENABLED },
  }),
};
