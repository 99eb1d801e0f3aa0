import { z } from 'zod';
import { endpoint } from '../../http/area.ts';
import { text } from '../../http/input.ts';
import { unauthenticated } from '../../http/replies.ts';
import { AUTHENTICATION, DONE, UNAUTHENTICATED } from '../../http/schemas.ts';
import { authenticationReply } from '../../login/replies.ts';
import { confirmLoginCode, requestLoginCode, resendLoginCode } from '../flows/login-code.ts';
import { loginCodeInput } from '../inputs.ts';

/** Sends a login code; 401 with the flow `login_by_code` pending, whether or not the address or number is known. */
export const loginCodeRequest = endpoint({
  route: 'POST /auth/code/request',
  access: 'anyone',
  visitor: 'request_login_code',
  input: loginCodeInput,
  replies: UNAUTHENTICATED,
  async handle(request, to) {
    await requestLoginCode(request, to);
    return unauthenticated(request);
  },
});

/** Logs in with the code. */
export const loginCodeConfirm = endpoint({
  route: 'POST /auth/code/confirm',
  access: 'anyone',
  input: z.object({ code: text() }),
  replies: AUTHENTICATION,
  async handle(request, { code }) {
    await confirmLoginCode(request, code);
    return authenticationReply(request);
  },
});

/** Sends another code. */
export const loginCodeResend = endpoint({
  route: 'POST /auth/code/resend',
  access: 'anyone',
  replies: DONE,
  async handle(request) {
    await resendLoginCode(request);
    return { status: 200 };
  },
});
