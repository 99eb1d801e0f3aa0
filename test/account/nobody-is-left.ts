import assert from 'node:assert/strict';
import { listUsers } from '../../src/store/users.ts';
import type { TestServer } from '../support/server.ts';
import { eventsOf } from '../tokens/support/rows.ts';

/** A signup that was refused, or failed, has left neither user nor address nor event. */
export async function nobodyIsLeft(server: TestServer): Promise<void> {
  assert.deepEqual(await listUsers(server.kit.db, { limit: 9 }), []);
  assert.deepEqual(await server.kit.db.knex('emails').pluck('email'), []);
  assert.deepEqual(await eventsOf(server, 'signup'), []);
}
