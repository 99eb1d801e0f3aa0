import { z } from 'zod';
import { pluginNotYet } from './plugin-setting.ts';
import * as is from './schemas.ts';
import { notYet, secret, setting } from './setting.ts';

const app = z.looseObject({
  provider_id: is.filledText.optional(),
  name: z.string().optional(),
  client_id: z.string(),
  secret: z.string().optional(),
  key: z.string().optional(),
  settings: is.options.optional(),
});
const providers = z
  .record(z.string(), z.looseObject({ APPS: z.array(app).optional(), APP: app.optional(), SCOPE: z.array(z.string()).optional() }))
  .describe('an object: provider → {APPS: [{provider_id, name, client_id, secret, settings}], SCOPE, …}');
const asSignupFields = z.boolean().nullable().describe('true, false, or null: as ACCOUNT_SIGNUP_FIELDS has it');
const asAccount = z
  .enum(['mandatory', 'optional', 'none'])
  .nullable()
  .describe('"mandatory", "optional", "none", or null: as ACCOUNT_EMAIL_VERIFICATION has it');

/** Settings of accounts at external providers. */
export const socialaccount = {
  SOCIALACCOUNT_PROVIDERS: notYet(secret(providers, {}, 'The providers, with their apps, scopes and client secrets.')),
  SOCIALACCOUNT_AUTO_SIGNUP: notYet(setting(is.flag, true, 'Signs up without asking if the provider gives all required data.')),
  SOCIALACCOUNT_ONLY: notYet(setting(is.flag, false, 'Takes logins through providers only.')),
  SOCIALACCOUNT_QUERY_EMAIL: notYet(setting(asSignupFields, null, 'Asks the provider for the address.')),
  SOCIALACCOUNT_EMAIL_REQUIRED: notYet(setting(asSignupFields, null, 'Requires an address at signup.')),
  SOCIALACCOUNT_EMAIL_VERIFICATION: notYet(setting(asAccount, null, 'Whether a login waits for a verified address.')),
  SOCIALACCOUNT_EMAIL_AUTHENTICATION: notYet(
    setting(is.flag, false, 'Logs in to the account whose verified address the provider vouches for.'),
  ),
  SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT: notYet(setting(is.flag, false, 'Connects the provider to that account.')),
  SOCIALACCOUNT_STORE_TOKENS: notYet(setting(is.flag, false, 'Stores the tokens of providers.')),
  SOCIALACCOUNT_REQUESTS_TIMEOUT: notYet(setting(is.seconds, 5, 'Timeout of requests to providers, in seconds.')),
  SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX: notYet(
    setting(
      is.textLike(/^[\w~.-]*$/, 'text of letters, digits and - _ . ~'),
      'oidc',
      'First part of the paths of OpenID Connect providers.',
    ),
  ),
  SOCIALACCOUNT_ADAPTER: pluginNotYet('Changes how accounts at providers behave.'),
};
