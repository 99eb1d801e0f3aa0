import { FLAG, list, object, oneOf, TEXT, WHOLE, withMore, type JsonSchema } from './shapes.ts';

const CODE = object({ code: TEXT });
const EMAIL = object({ email: TEXT });
const CREDENTIAL = object({ credential: object({}) });
const NEW_KEY = object({ credential: object({}), 'name?': TEXT });
const SIGNUP = { 'email?': TEXT, 'email2?': TEXT, 'username?': TEXT, 'phone?': TEXT };
const PROCESS = oneOf('login', 'connect');

/**
 * What a client may send, by route, whatever the settings are: the client library is typed with it. What a server asks for under its settings
 * follows from the schemas that validate. Source: the headless API of django-allauth.
 */
export const INPUTS: Readonly<Record<string, JsonSchema>> = {
  'POST /auth/login': withMore(object({ 'email?': TEXT, 'username?': TEXT, 'phone?': TEXT, password: TEXT })),
  'POST /auth/signup': withMore(object({ ...SIGNUP, password: TEXT })),
  'DELETE /auth/sessions': object({ sessions: list(WHOLE) }),
  'POST /tokens/refresh': object({ refresh_token: TEXT }),
  'POST /auth/reauthenticate': object({ password: TEXT }),
  'POST /auth/email/verify': object({ key: TEXT }),
  'POST /auth/phone/verify': CODE,
  'POST /auth/password/request': withMore(EMAIL),
  'POST /auth/password/reset': object({ key: TEXT, password: TEXT }),
  'POST /account/password/change': object({ 'current_password?': TEXT, new_password: TEXT }),
  'POST /auth/code/request': withMore(object({ 'email?': TEXT, 'phone?': TEXT })),
  'POST /auth/code/confirm': CODE,
  'POST /auth/provider/redirect': object({ provider: TEXT, callback_url: TEXT, process: PROCESS }),
  'POST /auth/provider/token': object({
    provider: TEXT,
    process: PROCESS,
    token: object({ client_id: TEXT, 'id_token?': TEXT, 'access_token?': TEXT }),
  }),
  'POST /auth/provider/signup': object(SIGNUP),
  'DELETE /account/providers': object({ provider: TEXT, account: TEXT }),
  'POST /account/email': EMAIL,
  'PUT /account/email': EMAIL,
  'PATCH /account/email': object({ email: TEXT, primary: oneOf(true) }),
  'DELETE /account/email': EMAIL,
  'POST /account/phone': object({ phone: TEXT }),
  'POST /auth/2fa/authenticate': CODE,
  'POST /auth/2fa/reauthenticate': CODE,
  'POST /auth/2fa/trust': object({ trust: FLAG }),
  'POST /auth/webauthn/authenticate': CREDENTIAL,
  'POST /auth/webauthn/reauthenticate': CREDENTIAL,
  'POST /auth/webauthn/login': CREDENTIAL,
  'POST /auth/webauthn/signup': object(SIGNUP),
  'PUT /auth/webauthn/signup': NEW_KEY,
  'POST /account/authenticators/totp': CODE,
  'POST /account/authenticators/webauthn': NEW_KEY,
  'PUT /account/authenticators/webauthn': object({ id: WHOLE, 'name?': TEXT }),
  'DELETE /account/authenticators/webauthn': object({ authenticators: list(WHOLE) }),
};
