import { z } from 'zod';
import { endpoint, isUserRequest, type Request } from '../../http/area.ts';
import { text } from '../../http/input.ts';
import { reply } from '../../http/reply.ts';
import { AUTHENTICATION, DONE, PhoneNumber } from '../../http/schemas.ts';
import { Refusal } from '../../kit/errors.ts';
import { authenticationReply } from '../../login/replies.ts';
import { usesPhones } from '../../settings/checks.ts';
import { findPhoneOf, type PhoneRecord } from '../../store/phones.ts';
import { changePendingPhone, changePhone, confirmPhone, resendPhoneCode } from '../flows/phones.ts';
import { newPhoneInput } from '../phone-input.ts';

const ROUTE = '/account/phone';

const phones = () => ({ data: z.array(PhoneNumber()) });

/** Returns the user's number, as a list of at most one. */
export const getPhone = endpoint({
  route: `GET ${ROUTE}`,
  access: 'user',
  replies: { 200: reply('PhoneNumbers', phones) },
  async handle(request) {
    const phone = await findPhoneOf(request.kit.db, request.user.id);
    return { status: 200, data: phone ? [serialize(phone)] : [] };
  },
});

/** Starts a change of the user's number, or corrects the number of a signup that waits for its verification: 202, and a code is sent to it. */
export const postPhone = endpoint({
  route: `POST ${ROUTE}`,
  access: 'anyone',
  rateLimit: 'change_phone',
  input: (kit) => z.object({ phone: newPhoneInput(kit, true) }),
  replies: { 202: reply('PhoneNumberChange', phones) },
  async handle(request, { phone }) {
    refuseUnused(request);
    await (isUserRequest(request) ? changePhone(request, phone) : changePendingPhone(request, phone));
    return { status: 202, data: [{ phone, verified: false }] };
  },
});

/** Verifies a number with the code that was sent to it. */
export const phoneVerify = endpoint({
  route: 'POST /auth/phone/verify',
  access: 'anyone',
  input: z.object({ code: text({ max: 200 }) }),
  replies: AUTHENTICATION,
  async handle(request, { code }) {
    await confirmPhone(request, code);
    return authenticationReply(request);
  },
});

/** Sends another code. */
export const phoneResend = endpoint({
  route: 'POST /auth/phone/verify/resend',
  access: 'anyone',
  replies: DONE,
  async handle(request) {
    await resendPhoneCode(request);
    return { status: 200 };
  },
});

/** If the settings do not use phones, there may be no SMS sender. */
function refuseUnused({ kit }: Request): void {
  if (!usesPhones(kit.settings)) throw new Refusal(404);
}

function serialize({ phone, verified }: PhoneRecord) {
  return { phone, verified };
}
