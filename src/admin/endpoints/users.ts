import { z } from 'zod';
import type { UserRequest } from '../../http/area.ts';
import { reply } from '../../http/reply.ts';
import { Refusal } from '../../kit/errors.ts';
import { browseUsers, countUsers, findListedUser } from '../../store/lists/users.ts';
import { findPhoneOf } from '../../store/phones.ts';
import { listEmails } from '../../store/users.ts';
import { adminEndpoint } from '../endpoint.ts';
import { addUser, changeUser, inviteNewUser, resetOfUser, revokeOfUser } from '../flows/users.ts';
import { language, pageInput, reason, searchText, truth, uuid } from '../inputs.ts';
import { pageReply, readCursor } from '../pages.ts';
import { page as pageOf, REVOKED, User, UserDetail } from '../schemas.ts';
import { serializeListedUser, serializeWays } from '../serialize.ts';

const listInput = z.strictObject({
  ...pageInput,
  q: searchText,
  is_active: truth.optional(),
  is_staff: truth.optional(),
  sort: z.enum(['date_joined', '-date_joined']).default('-date_joined'),
});

/** All users, the newest first; see docs/admin-api.md. */
export const listAllUsers = adminEndpoint({
  route: 'GET /users',
  summary: 'All users',
  input: listInput,
  replies: pageOf('UserPage', User),
  async handle({ kit }, { limit, cursor: text, count, sort, q, is_active: isActive, is_staff: isStaff }) {
    const filter = { q, isActive, isStaff };
    const cursor = readCursor(`users ${sort}`, z.tuple([uuid]), text);
    const descending = sort.startsWith('-') !== (cursor?.back ?? false);
    const rows = await browseUsers(kit.db, filter, { after: cursor?.keys[0] ?? null, descending, limit: limit + 1 }, kit.now());
    const page = { limit, order: `users ${sort}`, cursor, keysOf: ({ user }: (typeof rows)[number]) => [user.id] };
    return pageReply(rows, page, (row) => serializeListedUser(kit, row), count ? { count: await countUsers(kit.db, filter) } : {});
  },
});

const USER = { 200: reply('UserReply', () => ({ data: UserDetail() })) };

/** One user, with all addresses. */
export const getUser = adminEndpoint({
  route: 'GET /users/:id',
  summary: 'One user',
  input: z.strictObject({}),
  replies: USER,
  handle: (request) => userReply(request, request.params.id),
});

/**
 * Makes a user; without a password one who has to be given one before the first login by password. With `invite` the user gets a mail to choose one,
 * and whoever was invited before gets it anew.
 */
export const createUser = adminEndpoint({
  route: 'POST /users',
  summary: 'Makes a user, or invites one',
  input: z
    .strictObject({
      email: z.string().max(320),
      username: z.string().max(150).optional(),
      password: z.string().max(1000).nullish(),
      is_staff: z.boolean().default(false),
      invite: z.boolean().default(false),
      language,
    })
    .refine(({ invite, password }) => !invite || (password ?? null) === null, {
      path: ['password'],
      error: 'Who is invited chooses the password.',
    }),
  replies: {
    200: reply('NewUser', () => ({
      data: UserDetail(),
      meta: z.strictObject({
        created: z.boolean().describe('false: was invited before'),
        invited: z.boolean().describe('whether a mail was sent'),
      }),
    })),
  },
  async handle(request, { email, username, password, is_staff: isStaff, invite, language: inLanguage }) {
    const named = { email, ...(username !== undefined && { username }), isStaff };
    const { id, made } = invite
      ? await inviteNewUser(request, named, inLanguage)
      : { id: await addUser(request, { ...named, password: password ?? null }), made: true };
    return { ...(await userReply(request, id)), meta: { created: made, invited: invite } };
  },
});

/** Mails a user a link to choose a new password, or, where none was chosen yet, the invitation anew. */
export const sendUserReset = adminEndpoint({
  route: 'POST /users/:id/send-reset',
  summary: 'Mails a user a link to choose a password',
  input: z.strictObject({ language }),
  replies: {
    200: reply('ResetSent', () => ({
      data: z.strictObject({ email: z.string().nullable(), mail: z.enum(['invitation', 'password_reset_by_admin']) }),
    })),
  },
  async handle(request, { language: inLanguage }) {
    return { status: 200, data: await resetOfUser(request, request.params.id.toLowerCase(), inLanguage) };
  },
});

/** Activates, deactivates, promotes or demotes a user; nobody himself. */
export const patchUser = adminEndpoint({
  route: 'PATCH /users/:id',
  summary: 'Activates, deactivates, promotes or demotes a user',
  input: z.strictObject({ is_active: z.boolean().optional(), is_staff: z.boolean().optional() }),
  replies: USER,
  async handle(request, { is_active: isActive, is_staff: isStaff }) {
    const id = request.params.id.toLowerCase();
    await changeUser(request, id, { ...(isActive !== undefined && { isActive }), ...(isStaff !== undefined && { isStaff }) });
    return userReply(request, id);
  },
});

/** Ends all sessions of a user. */
export const revokeUserSessions = adminEndpoint({
  route: 'POST /users/:id/revoke-sessions',
  summary: 'Revokes all sessions of a user',
  input: z.strictObject({ reason, include_current: z.boolean().default(false) }),
  replies: REVOKED,
  async handle(request, { reason: why, include_current: includeCurrent }) {
    const revoked = await revokeOfUser(request, request.params.id.toLowerCase(), { reason: why, includeCurrent });
    return { status: 200, data: { revoked } };
  },
});

async function userReply({ kit }: UserRequest, id: string) {
  const listed = await findListedUser(kit.db, id.toLowerCase(), kit.now());
  if (!listed) throw new Refusal(404);
  const [emails, phone] = await Promise.all([listEmails(kit.db, listed.user.id), findPhoneOf(kit.db, listed.user.id)]);
  return { status: 200 as const, data: { ...serializeListedUser(kit, listed), ...serializeWays(kit, listed.user, emails, phone) } };
}
