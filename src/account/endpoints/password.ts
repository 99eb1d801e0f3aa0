import { z } from 'zod';
import { endpoint } from '../../http/area.ts';
import { IS_REQUIRED, text } from '../../http/input.ts';
import { AUTHENTICATION } from '../../http/schemas.ts';
import { authenticationReply } from '../../login/replies.ts';
import { changePassword, checkPasswordChange, type PasswordChange } from '../flows/password.ts';

/** Changes the password, or sets the first one. */
export const passwordChange = endpoint({
  route: 'POST /account/password/change',
  access: 'user',
  rateLimit: 'change_password',
  inputFirst: true,
  // A missing new password is reported by the check, together with all other errors.
  input: z.object({ current_password: text({ required: false }), new_password: text({ required: false }).meta({ [IS_REQUIRED]: true }) }),
  replies: AUTHENTICATION,
  check: (request, given) => checkPasswordChange(request, changeOf(given)),
  async handle(request, given) {
    await changePassword(request, changeOf(given));
    return authenticationReply(request);
  },
});

function changeOf({ current_password: current, new_password: next }: { current_password: string; new_password: string }): PasswordChange {
  return { current, next };
}
