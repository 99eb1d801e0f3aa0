import { endpoint } from '../../http/area.ts';
import { listEmails } from '../../store/users.ts';

/** The user's addresses, the primary one first. */
export const listAddresses = endpoint({
  route: 'GET /account/email',
  access: 'user',
  async handle({ kit, user }) {
    const emails = await listEmails(kit.db, user.id);
    return { status: 200, data: emails.map(({ email, verified, primary }) => ({ email, verified, primary })) };
  },
});
