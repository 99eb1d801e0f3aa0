import type { PendingCode } from '../contracts/records.ts';
import type { Area } from '../http/area.ts';
import type { Settings } from '../settings/index.ts';
import { accountDelete, accountExport } from './endpoints/account.ts';
import { addAddress, listAddresses, removeAddress, resendAddress, selectAddress } from './endpoints/addresses.ts';
import { loginCodeConfirm, loginCodeRequest, loginCodeResend } from './endpoints/login-code.ts';
import { login, reauthenticate, signup } from './endpoints/login.ts';
import { getReset, passwordRequest, passwordReset } from './endpoints/password-reset.ts';
import { passwordChange } from './endpoints/password.ts';
import { getPhone, phoneResend, phoneVerify, postPhone } from './endpoints/phones.ts';
import { getVerification, resend, verify } from './endpoints/verification.ts';
import { accountData } from './flows/export.ts';
import { loginByCode } from './flows/login-code.ts';
import { pendingCodeOf } from './flows/pending-codes.ts';
import { verifyPhoneStage } from './flows/phones.ts';
import { byCode, byPassword } from './methods.ts';
import { pages } from './pages/pages.ts';
import { verifyEmailStage } from './stages.ts';

/** Accounts: signup, login, password, addresses. */
export const account: Area = {
  name: 'account',
  pages,
  endpoints: [
    signup,
    login,
    reauthenticate,
    passwordChange,
    accountExport,
    accountDelete,
    listAddresses,
    loginCodeRequest,
    loginCodeConfirm,
    loginCodeResend,
    passwordRequest,
    getReset,
    passwordReset,
    getVerification,
    verify,
    resend,
    addAddress,
    resendAddress,
    selectAddress,
    removeAddress,
    getPhone,
    postPhone,
    phoneVerify,
    phoneResend,
  ],
  methods: [byPassword, byCode],
  stages: [loginByCode, verifyPhoneStage, verifyEmailStage],
  flows: async (request) => {
    const { kit, session } = request;
    return [
      { id: 'login' },
      ...(kit.settings.ACCOUNT_LOGIN_BY_CODE_ENABLED ? [{ id: 'login_by_code' }] : []),
      ...(kit.settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED
        ? [{ id: 'password_reset_by_code', is_pending: isPending(pendingCodeOf(session, 'reset_password'), kit.now()) }]
        : []),
      ...((await kit.plugins.ACCOUNT_ADAPTER.isOpenForSignup(request)) ? [{ id: 'signup' }] : []),
    ];
  },
  personalData: accountData,
  reauthenticationFlows: ({ user }) => (user.hasPassword ? [{ id: 'reauthenticate' }] : []),
  config: async ({ settings, plugins }, request) => ({
    account: {
      login_methods: settings.ACCOUNT_LOGIN_METHODS,
      is_open_for_signup: await plugins.ACCOUNT_ADAPTER.isOpenForSignup(request),
      email_verification_by_code_enabled: settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED,
      login_by_code_enabled: settings.ACCOUNT_LOGIN_BY_CODE_ENABLED,
      password_reset_by_code_enabled: settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED,
      ...authenticationMethod(settings),
    },
  }),
};

function isPending(code: PendingCode | null, now: number): boolean {
  return code !== null && code.expiresAt > now;
}

/** For clients that predate `login_methods`. */
function authenticationMethod({ ACCOUNT_LOGIN_METHODS: methods }: Settings): { authentication_method?: string } {
  const names = (['username', 'email'] as const).filter((name) => methods.includes(name));
  return names.length > 0 ? { authentication_method: names.join('_') } : {};
}
