import type { EventRecord, EventType, SessionRecord } from '../../../src/contracts/records.ts';
import { listEvents } from '../../../src/store/events.ts';
import { listSessions } from '../../../src/store/sessions.ts';
import { statement } from '../../../src/store/engine/statements.ts';
import { listUsers } from '../../../src/store/users.ts';
import type { TestServer } from '../../support/server.ts';

/** The one live session that there is. @throws {Error} where there are more or none */
export async function onlySession(server: Pick<TestServer, 'kit'>): Promise<SessionRecord> {
  const sessions = await liveSessions(server);
  const [session] = sessions;
  if (!session || sessions.length > 1) throw new Error(`${sessions.length} live sessions`);
  return session;
}

/** All live sessions of all users. */
export async function liveSessions({ kit }: Pick<TestServer, 'kit'>): Promise<SessionRecord[]> {
  const found: SessionRecord[] = [];
  for (const { id } of await listUsers(kit.db, { limit: 100 })) found.push(...(await listSessions(kit.db, id, kit.now())));
  return found;
}

/** The audit log's lines of one type, newest first. */
export function eventsOf({ kit }: Pick<TestServer, 'kit'>, type: EventType): Promise<EventRecord[]> {
  return listEvents(kit.db, { limit: 100, type });
}

const DELETE_USER = statement('test_users_delete', 'DELETE FROM users WHERE id = ?1');

/** Deletes an account; its sessions stay as rows. */
export async function deleteUser({ kit }: Pick<TestServer, 'kit'>, userId: string): Promise<void> {
  await kit.db.write(DELETE_USER, [userId]);
}
