import { z } from 'zod';
import type { WireError } from '../../contracts/wire.ts';
import { endpoint, type UserRequest } from '../../http/area.ts';
import { REQUIRED, text } from '../../http/input.ts';
import { Refusal } from '../../kit/errors.ts';
import { authenticationReply } from '../../login/replies.ts';
import { changePassword, type PasswordChange } from '../flows/password.ts';
import { newPasswordInput } from '../inputs.ts';

/** Changes the password, or sets the first one. */
export const passwordChange = endpoint({
  route: 'POST /account/password/change',
  access: 'user',
  rateLimit: 'change_password',
  input: (kit) => z.object({ current_password: text({ required: false }), new_password: newPasswordInput(kit, false) }),
  async handle(request, { current_password: current, new_password: next }) {
    refuseMissing(request, { current, next });
    await changePassword(request, { current, next });
    return authenticationReply(request);
  },
});

/** Whether the current password is required depends on the user, so the schema cannot say it. */
function refuseMissing({ user }: UserRequest, { current, next }: PasswordChange): void {
  const errors: WireError[] = [];
  if (!current && user.passwordHash !== null) errors.push({ ...REQUIRED, param: 'current_password' });
  if (!next) errors.push({ ...REQUIRED, param: 'new_password' });
  if (errors.length > 0) throw new Refusal(400, errors);
}
