import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areas } from '../../src/areas.ts';
import { dig, digText } from '../support/http.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { createUser } from 'allauth-kit';
import { adminServer, API, newAdmin, newPerson } from './support.ts';

/** Every endpoint of the admin API, as its area declares it. */
const ROUTES = areas
  .flatMap(({ endpoints }) => endpoints)
  .filter(({ outside }) => outside)
  .map(({ route, access, outside }) => {
    const [method = '', path = ''] = route.split(' ');
    return { route, access, outside, method, path: path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000') };
  });

test('every endpoint of the admin area is below its path, and for staff', async (t) => {
  const { kit } = await adminServer(t);
  const declared = areas.find(({ name }) => name === 'admin')?.endpoints ?? [];
  assert.ok(declared.length >= 12);
  for (const { route, access, outside } of declared) assert.deepEqual([access, outside?.(kit)], ['staff', API], route);
});

test('anonymous callers get 401 before anything else is looked at, users who are not staff 403', async (t) => {
  const server = await adminServer(t, { ADMIN_BEARER_ENABLED: true });
  const person = await newPerson(server);
  const browser = server.browser();
  await browser.login(person.email);
  for (const { route, outside, method, path } of ROUTES) {
    const at = `${outside?.(server.kit) ?? ''}${path}`;
    const bare = await server.browser().send(method, at, method === 'GET' ? undefined : { bad: 1 }, { csrf: false });
    assert.equal(bare.status, 401, route);
    assert.ok(bare.flowIds.includes('login'), route);
    assert.equal((await person.app.send(method, at, method === 'GET' ? undefined : { bad: 1 }, { auth: 'bearer' })).status, 403, route);
    assert.equal((await browser.send(method, at, method === 'GET' ? undefined : { bad: 1 })).status, 403, route);
  }
});

test('what changes something needs the CSRF token, and a login that is recent enough', async (t) => {
  const server = await adminServer(t);
  const changing = ROUTES.filter(({ method }) => method !== 'GET');
  assert.ok(changing.length >= 6);
  for (const { route, outside, method, path } of changing) {
    const at = `${outside?.(server.kit) ?? ''}${path}`;
    assert.equal((await server.admin.send(method, at, {}, { csrf: false })).status, 403, route);
    const foreign = await server.admin.send(method, at, {}, { headers: { Origin: 'https://evil.example' } });
    assert.deepEqual([foreign.status, ...foreign.errorCodes], [403, ':csrf_failed'], route);
  }
  const { sid } = await newPerson(server);
  server.clock.advance(901);
  const stale = await server.admin.delete(`${API}/sessions/${sid}`);
  assert.deepEqual([stale.status, stale.flowIds], [401, ['reauthenticate']]);
  assert.equal((await server.admin.get(`${API}/sessions`)).status, 200, 'looking is allowed');
  assert.equal((await server.admin.post('auth/reauthenticate', { password: PASSWORD })).status, 200);
  assert.equal((await server.admin.delete(`${API}/sessions/${sid}`)).status, 200);
});

test('with ADMIN_BEARER_ENABLED an access token of staff serves too, without CSRF token; a session token does not', async (t) => {
  const server = await adminServer(t, { ADMIN_BEARER_ENABLED: true });
  const email = newEmail();
  await createUser(server.kit, { email, password: PASSWORD, isStaff: true, verified: true });
  const app = server.app();
  await app.login(email);
  const { sid } = await newPerson(server);
  assert.equal((await app.get(`${API}/sessions`, { auth: 'bearer' })).status, 200);
  assert.equal((await app.delete(`${API}/sessions/${sid}`, undefined, { auth: 'bearer' })).status, 200);
  assert.equal((await app.get(`${API}/sessions`, { auth: 'session' })).status, 401);
});

test('every endpoint counts against the limit of its user, reading too, and 429 says how long to wait', async (t) => {
  const server = await adminServer(t, { ACCOUNT_RATE_LIMITS: { admin: '2/m/user' } });
  const other = await newAdmin(server);
  for (let count = 0; count < 2; count += 1) assert.equal((await server.admin.get(`${API}/plugins`)).status, 200);
  for (const { route, outside, method, path } of ROUTES) {
    const reply = await server.admin.send(method, `${outside?.(server.kit) ?? ''}${path}`, method === 'GET' ? undefined : {});
    assert.equal(reply.status, 429, route);
    assert.ok(Number(reply.headers['retry-after']) >= 1 && Number(reply.headers['retry-after']) <= 60, route);
  }
  assert.equal((await other.get(`${API}/plugins`)).status, 200, 'another user has a count of their own');
  server.clock.advance(61);
  assert.equal((await server.admin.get(`${API}/plugins`)).status, 200);
});

test('ADMIN_ENABLED and ADMIN_PATH say whether and where', async (t) => {
  const off = await adminServer(t, { ADMIN_ENABLED: false });
  assert.equal((await off.admin.get(`${API}/sessions`)).status, 404);
  const moved = await adminServer(t, { ADMIN_PATH: '/ops/back' });
  assert.equal((await moved.admin.get('/ops/back/api/v1/sessions')).status, 200);
  assert.equal((await moved.admin.get(`${API}/sessions`)).status, 404);
});

test('unknown members and parameters are refused, and ids that are none lead nowhere', async (t) => {
  const server = await adminServer(t);
  for (const query of [
    'nope=1',
    'limit=0',
    'limit=201',
    'limit=x',
    'state=gone',
    'created_after=soon',
    'sort=ip',
    'user=1',
    'q=a&q=b',
    '__proto__=1',
  ])
    assert.equal((await server.admin.get(`${API}/sessions?${query}`)).status, 400, query);
  assert.deepEqual((await server.admin.patch(`${API}/users/${server.admin.id}`, { isStaff: false })).errorCodes, ['isStaff:invalid']);
  for (const query of ['created_after=2020-01-01T00:00:00Z', 'created_before=4000000000', 'created_after=2020-01-01T00:00:00%2B02:00'])
    assert.equal(((await server.admin.get(`${API}/sessions?${query}`)).data as unknown[]).length, 1, query);
  for (const id of ['x', '%00', "'", '%ED%A0%80', 'a'.repeat(300), '00000000-0000-4000-8000-000000000000']) {
    for (const kind of ['sessions', 'users']) assert.equal((await server.admin.get(`${API}/${kind}/${id}`)).status, 404, `${kind} ${id}`);
  }
});

test('nobody deactivates or demotes himself; who is deactivated loses all sessions at once', async (t) => {
  const server = await adminServer(t);
  for (const change of [{ is_active: false }, { is_staff: false }])
    assert.equal((await server.admin.patch(`${API}/users/${server.admin.id}`, change)).status, 409);
  const person = await newPerson(server);
  const reply = await server.admin.patch(`${API}/users/${person.id}`, { is_active: false });
  assert.equal(reply.status, 200, reply.text);
  assert.equal((await person.app.refresh()).status, 400);
  assert.equal((await server.admin.patch(`${API}/users/${person.id}`, { is_active: true })).status, 200);
  assert.equal((await person.app.session({ auth: 'session' })).status, 410, 'its session does not come back');
});

test('of two admins who demote one another at once, one stays', async (t) => {
  const server = await adminServer(t);
  const other = await newAdmin(server);
  const [one, two] = await Promise.all([
    server.admin.patch(`${API}/users/${other.id}`, { is_staff: false }),
    other.patch(`${API}/users/${server.admin.id}`, { is_staff: false }),
  ]);
  assert.deepEqual([one.status, two.status].sort(), [200, 403]);
});

test('an admin makes a user, ends all sessions of one, and sees settings without secrets', async (t) => {
  const server = await adminServer(t, { SECRET_KEY: 'a-secret-that-must-not-be-shown-anywhere' });
  const email = newEmail();
  const made = await server.admin.post(`${API}/users`, { email });
  assert.equal(made.status, 200, made.text);
  assert.deepEqual((await server.admin.post(`${API}/users`, { email })).errorCodes, ['email:email_taken']);
  const person = await newPerson(server);
  await server.app().login(person.email);
  const ended = await server.admin.post(`${API}/users/${person.id}/revoke-sessions`, { reason: 'taken over' });
  assert.deepEqual([ended.status, ended.data], [200, { revoked: 2 }]);
  const settings = await server.admin.get(`${API}/settings`);
  assert.doesNotMatch(settings.text, /must-not-be-shown/);
  const rowOf = (wanted: string) => (settings.data as { name: string }[]).find(({ name }) => name === wanted);
  assert.deepEqual(
    ['MFA_TOTP_DIGITS', 'PORT'].map((name) => dig(rowOf(name), 'has_effect')),
    [false, true],
  );
  const row = rowOf('SECRET_KEY');
  assert.deepEqual(
    { ...row, doc: '' },
    { name: 'SECRET_KEY', value: true, default: null, source: 'code', secret: true, has_effect: true, doc: '' },
  );
  const keys = await server.admin.get(`${API}/keys`);
  assert.equal(digText(keys.data, 0, 'state'), 'signing');
  assert.equal(dig(keys.data, 0, 'signs_from'), null, 'the settings tell it');
  assert.doesNotMatch(keys.text, /PRIVATE|"d"/);
  assert.equal((await server.admin.post(`${API}/keys/rotate`)).status, 200);
});
