import { createUser } from '../../account/flows/create-user.ts';
import { inviteUser, sendReset, type Invitation, type Sender, type SentMail } from '../../account/flows/invitations.ts';
import type { UserRequest } from '../../http/area.ts';
import { Refusal } from '../../kit/errors.ts';
import { endSessions } from '../../kit/sessions/end.ts';
import { write } from '../../kit/write.ts';
import type { Language } from '../../texts/languages.ts';
import { findUser, updateUser } from '../../store/users.ts';
import { refuseOneself, revoke } from './revoke.ts';

export interface UserChanges {
  isActive?: boolean;
  isStaff?: boolean;
}

/**
 * Changes a user; who is deactivated loses all sessions in the same transaction.
 * @throws {Refusal} 404 where there is no such user; 409 for who would deactivate or demote himself
 */
export async function changeUser(request: UserRequest, userId: string, changes: UserChanges): Promise<void> {
  const { kit, user: actor } = request;
  if (!(await findUser(kit.db, userId))) throw new Refusal(404);
  if (changes.isActive === false || changes.isStaff === false) refuseOneself(request, userId);
  await write(kit, request, async (writing) => {
    const { db, record } = writing;
    // Two admins who demote one another at once must not both be done: both rows are locked, and who comes second is none any more.
    for (const id of [userId, actor.id].sort()) await updateUser(db, id, {});
    const [before, caller] = [await findUser(db, userId), await findUser(db, actor.id)];
    if (!before) throw new Refusal(404);
    if (!caller?.isActive || !caller.isStaff) throw new Refusal(403);
    const changed = {
      ...(changes.isActive !== undefined && changes.isActive !== before.isActive && { is_active: changes.isActive }),
      ...(changes.isStaff !== undefined && changes.isStaff !== before.isStaff && { is_staff: changes.isStaff }),
    };
    if (Object.keys(changed).length === 0) return;
    await updateUser(db, userId, changes);
    record('user_updated', { userId, actorId: actor.id, details: changed });
    if (changed.is_active === false) {
      await endSessions(writing, { userId }, { reason: 'user_deactivated', by: actor.id });
    }
  });
}

/** Ends all sessions of a user; the caller's own only with `includeCurrent`. @returns how many. @throws {Refusal} 404 */
export async function revokeOfUser(request: UserRequest, userId: string, given: { reason: string | null; includeCurrent: boolean }) {
  if (!(await findUser(request.kit.db, userId))) throw new Refusal(404);
  return revoke(request, { which: { allOf: userId }, ...given });
}

export interface NewUserInput {
  email: string;
  username?: string;
  /** `null`: none yet. */
  password: string | null;
  isStaff: boolean;
}

/** Makes a user, whatever ACCOUNT_ALLOW_SIGNUP says. @returns the id. @throws {Refusal} 400 */
export async function addUser(request: UserRequest, given: NewUserInput): Promise<string> {
  const { id } = await createUser(request.kit, { ...given, verified: false }, { origin: request });
  return id;
}

/** Invites a user, or invites him again. @returns the id, and whether the user was made. @throws {Refusal} 400, 429 */
export async function inviteNewUser(request: UserRequest, given: Invitation, language?: Language): Promise<{ id: string; made: boolean }> {
  const { user, made } = await inviteUser(inLanguage(request, language), given);
  return { id: user.id, made };
}

/** Mails a user a link to choose a password. @throws {Refusal} 404; 409 without an address, or for who is not active; 429 */
export async function resetOfUser(
  request: UserRequest,
  userId: string,
  language?: Language,
): Promise<{ email: string | null; mail: SentMail }> {
  const user = await findUser(request.kit.db, userId);
  if (!user) throw new Refusal(404);
  return { email: user.email, mail: await sendReset(inLanguage(request, language), user) };
}

/** The mail is for somebody else, whose language the admin may know. */
function inLanguage(request: UserRequest, language: Language | undefined): Sender {
  const { kit, origin, ip, user, session, header } = request;
  const asked = (name: string): string => (language && name.toLowerCase() === 'accept-language' ? language : header(name));
  return { kit, origin, ip, user, session, header: asked };
}
