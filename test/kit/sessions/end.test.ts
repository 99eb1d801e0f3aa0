import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adminServer, API, newPerson, type AdminServer, type Person } from '../../admin/support.ts';
import { listEvents } from '../../../src/store/events.ts';
import { PASSWORD } from '../../support/clients.ts';
import { secret } from '../../support/secrets.ts';

const NEXT_PASSWORD = 'another-Horse-battery-1';
secret(NEXT_PASSWORD);

/** What reports the end of a session in the audit log: type and details. */
async function reports({ kit }: AdminServer, sid: string): Promise<unknown[]> {
  const events = await listEvents(kit.db, { sid, limit: 50 });
  return events
    .filter(({ type }) => type !== 'login' && type !== 'signup' && type !== 'reauthenticated')
    .map(({ type, details }) => [type, details]);
}

async function withTwo(server: AdminServer): Promise<Person & { other: string }> {
  const person = await newPerson(server);
  const app = server.app();
  assert.equal((await app.login(person.email)).status, 200);
  return { ...person, other: app.sessionToken.split('.')[0] ?? '' };
}

test('a deactivation by the admin API is reported for each session, with who did it', async (t) => {
  const server = await adminServer(t);
  const { id, sid, other } = await withTwo(server);
  assert.equal((await server.admin.patch(`${API}/users/${id}`, { is_active: false })).status, 200);
  for (const each of [sid, other]) {
    const revoked = (await listEvents(server.kit.db, { sid: each, limit: 50 })).filter(({ type }) => type === 'session_revoked');
    assert.deepEqual(
      revoked.map(({ userId, actorId, details }) => [userId, actorId, details]),
      [[id, server.admin.id, { reason: 'user deactivated' }]],
    );
  }
});

test('a change of password is reported once for each session: the own one by the change itself', async (t) => {
  const server = await adminServer(t);
  const { app, sid, other } = await withTwo(server);
  const reply = await app.post('account/password/change', { current_password: PASSWORD, new_password: NEXT_PASSWORD });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(await reports(server, sid), [['password_changed', {}]]);
  assert.deepEqual(await reports(server, other), [['session_revoked', { reason: 'password changed' }]]);
});

test('a deletion is reported once for each session', async (t) => {
  const server = await adminServer(t);
  const { app, sid, other } = await withTwo(server);
  await app.post('auth/reauthenticate', { password: PASSWORD });
  assert.equal((await app.delete('account')).status, 200);
  assert.deepEqual(await reports(server, sid), [['account_deleted', { staff: false }]]);
  assert.deepEqual(await reports(server, other), [['session_revoked', { reason: 'user deleted' }]]);
});

test('a logout is reported by its own event alone', async (t) => {
  const server = await adminServer(t);
  const { app, sid } = await newPerson(server);
  await app.logout({ auth: 'session' });
  assert.deepEqual(await reports(server, sid), [['logout', {}]]);
});

test('sessions end in one place', () => {
  const folder = fileURLToPath(new URL('../../../src/', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.startsWith('store/'),
  );
  const ending = files.filter((name) => /\b(?:endSession|endUserSessions|revokeSessions)\(/.test(readFileSync(join(folder, name), 'utf8')));
  assert.deepEqual(ending, ['kit/sessions/end.ts']);
});
