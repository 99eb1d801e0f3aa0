import { z } from 'zod';
import { endpoint, isUserRequest, type UserRequest } from '../../http/area.ts';
import { addFault, IS_REQUIRED, REQUIRED } from '../../http/input.ts';
import { unauthenticated } from '../../http/replies.ts';
import { reply } from '../../http/reply.ts';
import { DONE, EmailAddress, tokensMeta, type ReplyOf } from '../../http/schemas.ts';
import { conflict } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { listEmails } from '../../store/users.ts';
import { addEmail, makePrimary, removeEmail, resendVerification } from '../flows/addresses.ts';
import { changePendingEmail } from '../flows/pending-email.ts';
import { emailInput, newEmailInput } from '../identity.ts';

const ROUTE = '/account/email';

const ADDRESSES = { 200: reply('EmailAddresses', () => ({ data: z.array(EmailAddress()), meta: tokensMeta() })) };

/** Lists the user's addresses, in the order in which they were added. */
export const listAddresses = endpoint({ route: `GET ${ROUTE}`, access: 'user', replies: ADDRESSES, handle: addressesReply });

/** Adds an address, or corrects the address of a signup that waits for its verification. */
export const addAddress = endpoint({
  route: `POST ${ROUTE}`,
  access: 'anyone',
  rateLimit: 'manage_email',
  input: (kit) => z.object({ email: newEmailInput(kit, true) }),
  replies: ADDRESSES,
  async handle(request, { email }) {
    if (!isUserRequest(request)) {
      if (!(await changePendingEmail(request, email))) throw conflict();
      return unauthenticated(request);
    }
    await addEmail(request, email);
    return addressesReply(request);
  },
});

/** Sends the verification mail again; 403 if it was sent too recently. */
export const resendAddress = endpoint({
  route: `PUT ${ROUTE}`,
  access: 'user',
  rateLimit: 'manage_email',
  input: oneAddress,
  replies: DONE,
  handle: async (request, { email }) => ({ status: (await resendVerification(request, email)) ? 200 : 403 }),
});

/** Makes an address the primary one. */
export const selectAddress = endpoint({
  route: `PATCH ${ROUTE}`,
  access: 'user',
  rateLimit: 'manage_email',
  input: (kit) => z.object({ email: emailInput(kit.settings, true), primary: mustBeTrue() }),
  replies: ADDRESSES,
  async handle(request, { email }) {
    await makePrimary(request, email);
    return addressesReply(request);
  },
});

/** Removes an address. */
export const removeAddress = endpoint({
  route: `DELETE ${ROUTE}`,
  access: 'user',
  rateLimit: 'manage_email',
  input: oneAddress,
  replies: ADDRESSES,
  async handle(request, { email }) {
    await removeEmail(request, email);
    return addressesReply(request);
  },
});

async function addressesReply({ kit, user }: UserRequest): Promise<ReplyOf<typeof ADDRESSES>> {
  const emails = await listEmails(kit.db, user.id);
  const inOrder = emails.toSorted((a, b) => a.id - b.id);
  return { status: 200, data: inOrder.map(({ email, verified, primary }) => ({ email, verified, primary })) };
}

function oneAddress({ settings }: Kit) {
  return z.object({ email: emailInput(settings, true) });
}

/** Source of the code: Django `BooleanField`, which treats false as absent. */
function mustBeTrue() {
  return z
    .unknown()
    .optional()
    .transform((value, context) => {
      if (value === true || value === 'true' || value === 1) return true;
      addFault(context, REQUIRED);
      return z.NEVER;
    })
    .meta({ enum: [true], [IS_REQUIRED]: true });
}
