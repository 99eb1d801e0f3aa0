import { z } from 'zod';
import { rateLimit } from './schemas.ts';

/** The default of ACCOUNT_RATE_LIMITS. Source: allauth `account/app_settings.py`; `send_login_code`, `account`, `refresh`, `admin` and `service_failed` are ours. */
export const RATE_LIMITS = {
  change_password: '5/m/user',
  change_phone: '1/m/user',
  manage_email: '10/m/user',
  reset_password: '20/m/ip,5/m/key',
  reauthenticate: '10/m/user',
  reset_password_from_key: '20/m/ip',
  signup: '20/m/ip',
  login: '30/m/ip',
  login_failed: '10/m/ip,5/5m/key',
  request_login_code: '20/m/ip,3/m/key',
  send_login_code: '10/m/key,30/h/key',
  confirm_email: '1/3m/key',
  verify_phone: '1/30s/key,3/m/ip',
  account: '5/m/user',
  refresh: '300/m/ip',
  admin: '300/m/user',
  service_failed: '60/m/ip',
};

const actions = z.enum(Object.keys(RATE_LIMITS) as (keyof typeof RATE_LIMITS)[]);

/** Limits by action; actions that are not named keep their default. `false` instead of a rate, or of all of them, means no limit. */
export const rateLimits = z
  .union([
    z.literal(false),
    z
      .partialRecord(actions, z.union([rateLimit, z.literal(false)]))
      .transform((given): Record<keyof typeof RATE_LIMITS, string | false> => ({ ...RATE_LIMITS, ...given })),
  ])
  .describe(`false, or an object with ${rateLimit.description ?? 'rates'} (or false), for: ${Object.keys(RATE_LIMITS).join(', ')}`);
