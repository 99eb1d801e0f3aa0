import { z } from 'zod';
import { endpoint } from '../../http/area.ts';
import { REQUIRED, text } from '../../http/input.ts';
import { reply } from '../../http/reply.ts';
import { AUTHENTICATION, DONE, User } from '../../http/schemas.ts';
import { Refusal } from '../../kit/errors.ts';
import { authenticationReply } from '../../login/replies.ts';
import { proveReset, requestReset, resetPassword } from '../flows/password-reset.ts';
import { newEmailInput } from '../identity.ts';

const HEADER = 'X-Password-Reset-Key';

/** Requests the reset mail: 200, or 401 with the pending flow if passwords are reset by code. */
export const passwordRequest = endpoint({
  route: 'POST /auth/password/request',
  access: 'anyone',
  rateLimit: 'reset_password',
  visitor: 'reset_password',
  inputFirst: true,
  input: (kit) => z.object({ email: newEmailInput(kit, true) }),
  replies: DONE,
  async handle(request, { email }) {
    await requestReset(request, email);
    return request.kit.settings.ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED ? authenticationReply(request) : { status: 200 };
  },
});

/** Returns the user whose password a key or code resets. Changes nothing. */
export const getReset = endpoint({
  route: 'GET /auth/password/reset',
  access: 'anyone',
  headers: [HEADER],
  replies: { 200: reply('PasswordReset', () => ({ data: z.object({ user: User().exactOptional() }) })) },
  async handle(request) {
    const key = request.header(HEADER).trim();
    if (key === '') throw new Refusal(400, [{ ...REQUIRED, param: 'key' }]);
    const { user } = await proveReset(request, key);
    return { status: 200, data: { user: await request.kit.plugins.HEADLESS_ADAPTER.serializeUser(user) } };
  },
});

/** Sets a new password with the key of a link or with a code. */
export const passwordReset = endpoint({
  route: 'POST /auth/password/reset',
  access: 'anyone',
  rateLimit: 'reset_password_from_key',
  inputFirst: true,
  input: z.object({ key: text({ max: 200 }), password: text() }),
  replies: AUTHENTICATION,
  async handle(request, { key, password }) {
    await resetPassword(request, await proveReset(request, key), password);
    return authenticationReply(request);
  },
});
