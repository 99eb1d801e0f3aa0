import { createFirstAdmin } from '../account/flows/create-user.ts';
import type { Kit } from '../kit/kit.ts';
import { countStaff, findUserByEmail } from '../store/users.ts';
import { BY } from './accounts.ts';
import { makeUpPassword } from './passwords.ts';

const EMAIL = 'admin@example.org';

/** What the start reports about the admin. */
export type AdminState =
  /** An admin exists, or another server is creating one. */
  | { state: 'there' }
  /** No admin exists. In production none is created, and in development only if its address is free. */
  | { state: 'missing' }
  /** The admin was just created; its password is not shown again. */
  | { state: 'made'; email: string; username: string; password: string };

/** Creates the first admin in development. Of several servers that start at once on one database, only one creates it. */
export async function ensureAdmin(kit: Kit): Promise<AdminState> {
  if ((await countStaff(kit.db)) > 0) return { state: 'there' };
  if (kit.production || (await findUserByEmail(kit.db, EMAIL))) return { state: 'missing' };
  const password = await makeUpPassword(kit, { email: EMAIL });
  const made = await createFirstAdmin(kit, { email: EMAIL, password }, { details: BY });
  if (made) return { state: 'made', email: EMAIL, username: made.username, password };
  return { state: (await countStaff(kit.db)) > 0 ? 'there' : 'missing' };
}
