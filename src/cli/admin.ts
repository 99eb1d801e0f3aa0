import { createFirstAdmin } from '../account/flows/create-user.ts';
import type { Kit } from '../kit/kit.ts';
import { countStaff, findUserByEmail } from '../store/users.ts';
import { BY } from './accounts.ts';
import { makeUpPassword } from './passwords.ts';

const EMAIL = 'admin@example.org';

/** What a start has to say of the admin. */
export type AdminState =
  /** There is one, or another server is making it. */
  | { state: 'there' }
  /** There is none; in production none is made, and in development only while its address is free. */
  | { state: 'missing' }
  /** It was made now; nobody will see the password again. */
  | { state: 'made'; email: string; username: string; password: string };

/** In development, makes the first admin. Of several servers that start at once on one database, one does. */
export async function ensureAdmin(kit: Kit): Promise<AdminState> {
  if ((await countStaff(kit.db)) > 0) return { state: 'there' };
  if (kit.production || (await findUserByEmail(kit.db, EMAIL))) return { state: 'missing' };
  const password = await makeUpPassword(kit, { email: EMAIL });
  const made = await createFirstAdmin(kit, { email: EMAIL, password }, { details: BY });
  if (made) return { state: 'made', email: EMAIL, username: made.username, password };
  return { state: (await countStaff(kit.db)) > 0 ? 'there' : 'missing' };
}
