import { z } from 'zod';
import { endpoint } from '../../http/area.ts';
import { text } from '../../http/input.ts';
import { AUTHENTICATION } from '../../http/schemas.ts';
import { authenticationReply } from '../../login/replies.ts';
import { logInByPassword, reauthenticate as reauthenticateUser } from '../flows/login.ts';
import { signUp } from '../flows/signup.ts';
import { loginInput, signupInput } from '../inputs.ts';

/** Creates an account and logs it in; 401 with the pending stage if one waits. */
export const signup = endpoint({
  route: 'POST /auth/signup',
  access: 'anyone',
  rateLimit: 'signup',
  visitor: 'signup',
  input: signupInput,
  replies: AUTHENTICATION,
  async handle(request, input) {
    await signUp(request, input);
    return authenticationReply(request);
  },
});

/** Logs in by password; 401 with the pending stage if one waits. */
export const login = endpoint({
  route: 'POST /auth/login',
  access: 'anyone',
  rateLimit: 'login',
  visitor: 'login',
  inputFirst: true,
  input: loginInput,
  replies: AUTHENTICATION,
  async handle(request, input) {
    await logInByPassword(request, input);
    return authenticationReply(request);
  },
});

/** Reauthenticates the user by password. */
export const reauthenticate = endpoint({
  route: 'POST /auth/reauthenticate',
  access: 'user',
  rateLimit: 'reauthenticate',
  inputFirst: true,
  input: z.object({ password: text() }),
  replies: AUTHENTICATION,
  async handle(request, { password }) {
    await reauthenticateUser(request, password);
    return authenticationReply(request);
  },
});
