import type { Area } from '../http/area.ts';
import { trust, trustStage } from './trust.ts';

/** Multi-factor authentication: what the settings allow, for clients that ask GET config. */
export const mfa: Area = {
  name: 'mfa',
  endpoints: [trust],
  stages: [trustStage],
  config: ({ settings }) => ({
    mfa: { supported_types: settings.MFA_SUPPORTED_TYPES, passkey_login_enabled: settings.MFA_PASSKEY_LOGIN_ENABLED },
  }),
};
