import type { Area } from '../http/area.ts';
import type { Settings } from '../settings/index.ts';
import { listAddresses } from './endpoints/addresses.ts';
import { loginCodeConfirm, loginCodeRequest, loginCodeResend } from './endpoints/login-code.ts';
import { login, reauthenticate, signup } from './endpoints/login.ts';
import { passwordChange } from './endpoints/password.ts';
import { loginByCode } from './flows/login-code.ts';

/** Accounts: signup, login, password, addresses. */
export const account: Area = {
  name: 'account',
  endpoints: [signup, login, reauthenticate, passwordChange, listAddresses, loginCodeRequest, loginCodeConfirm, loginCodeResend],
  stages: [loginByCode],
  flows: ({ kit }) => [
    { id: 'login' },
    ...(kit.settings.ACCOUNT_LOGIN_BY_CODE_ENABLED ? [{ id: 'login_by_code' }] : []),
    ...(kit.settings.ACCOUNT_ALLOW_SIGNUP ? [{ id: 'signup' }] : []),
  ],
  reauthenticationFlows: ({ user }) => (user.passwordHash === null ? [] : [{ id: 'reauthenticate' }]),
  config: ({ settings }) => ({
    account: {
      login_methods: settings.ACCOUNT_LOGIN_METHODS,
      is_open_for_signup: settings.ACCOUNT_ALLOW_SIGNUP,
      email_verification_by_code_enabled: false,
      login_by_code_enabled: settings.ACCOUNT_LOGIN_BY_CODE_ENABLED,
      password_reset_by_code_enabled: false,
      ...authenticationMethod(settings),
    },
  }),
};

/** What clients written before `login_methods` read. */
function authenticationMethod({ ACCOUNT_LOGIN_METHODS: methods }: Settings): { authentication_method?: string } {
  const names = (['username', 'email'] as const).filter((name) => methods.includes(name));
  return names.length > 0 ? { authentication_method: names.join('_') } : {};
}
