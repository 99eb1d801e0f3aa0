import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/engine/open.ts';
import { listEvents } from '../../src/store/events.ts';
import { AppClient, newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { secret } from '../support/secrets.ts';
import { adminIn, configOf, Project } from './cli.ts';

const OTHER_PASSWORD = 'another-Donkey-8-staple';

test('create-admin: a password that is printed once, or given; what is wrong is said with what to do', async (t) => {
  const project = new Project(t);
  const made = await project.run(['users', 'create-admin', '--email', 'Ann@Example.org', '--json']);
  assert.equal(made.code, 0, made.stderr);
  const ann: unknown = JSON.parse(made.stdout);
  assert.deepEqual([dig(ann, 'email'), dig(ann, 'username'), dig(ann, 'is_staff')], ['ann@example.org', 'ann', true]);
  const password = digText(ann, 'password');
  secret(password);

  secret(OTHER_PASSWORD);
  const given = await project.run(['users', 'create-admin', '--email', 'bob@example.org', '--username', 'Bobby', '--password-stdin'], {
    input: `${OTHER_PASSWORD}\n`,
  });
  assert.equal(given.code, 0, given.stderr);
  assert.ok(!given.stdout.includes(OTHER_PASSWORD));

  const taken = await project.run(['users', 'create-admin', '--email', 'ANN@example.org']);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /ann@example\.org already .*allauth users set-password ann@example\.org/);
  const name = await project.run(['users', 'create-admin', '--email', 'c@example.org', '--username', 'BOBBY']);
  assert.match(name.stderr, /There is a user BOBBY already/);
  const weak = await project.run(['users', 'create-admin', '--email', 'c@example.org', '--password-stdin'], { input: '12345' });
  assert.equal(weak.code, 1);
  assert.match(weak.stderr, /too short[^]*too common/);
  const empty = await project.run(['users', 'create-admin', '--email', 'c@example.org', '--password-stdin']);
  assert.match(empty.stderr, /no password on stdin/);
  const address = await project.run(['users', 'create-admin', '--email', 'nobody']);
  assert.match(address.stderr, /^The address nobody is not allowed: Enter a valid email address\.\n$/);

  const server = project.start(t, ['serve']);
  const url = await server.url();
  await server.said(/curl/);
  assert.equal(adminIn(server.stdout).password, '', 'there is an admin already');
  assert.equal((await new AppClient({ url }).login('ann@example.org', password)).status, 200);
  assert.equal((await new AppClient({ url }).login('bob@example.org', OTHER_PASSWORD)).status, 200);
});

test('users list: a table, or JSON without anything secret, up to a limit', async (t) => {
  const project = new Project(t);
  for (const name of ['a', 'b', 'c']) await project.run(['users', 'create-admin', '--email', `${name}@example.org`]);
  const all = JSON.parse((await project.run(['users', 'list', '--json'])).stdout) as unknown[];
  assert.deepEqual(
    all.map((user) => dig(user, 'email')),
    ['a@example.org', 'b@example.org', 'c@example.org'],
  );
  assert.deepEqual(Object.keys(all[0] ?? {}), ['id', 'email', 'username', 'is_staff', 'is_active', 'date_joined', 'last_login']);
  const { stdout, stderr } = await project.run(['users', 'list', '--limit', '2']);
  assert.equal(stdout.trimEnd().split('\n').length, 3);
  assert.match(stderr, /first 2/);
});

test('set-password ends all sessions of the user, with an event, and asks for a way to get the password', async (t) => {
  const project = new Project(t, { 'allauth.config.ts': configOf({ HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: true }) });
  const server = project.start(t, ['serve']);
  const url = await server.url();
  const email = newEmail();
  const [one, two, bystander] = [new AppClient({ url }), new AppClient({ url }), new AppClient({ url })];
  await one.signup(email);
  await two.login(email);
  await bystander.signup(newEmail());

  secret(OTHER_PASSWORD);
  const weak = await project.run(['users', 'set-password', email, '--password-stdin'], { input: 'short' });
  assert.equal(weak.code, 1);
  assert.equal((await one.session()).status, 200, 'nothing was changed');

  const set = await project.run(['users', 'set-password', email.toUpperCase(), '--password-stdin', '--json'], { input: OTHER_PASSWORD });
  assert.equal(set.code, 0, set.stderr);
  assert.equal(dig(JSON.parse(set.stdout), 'ended_sessions'), 2);
  for (const app of [one, two]) {
    assert.equal((await app.session({ auth: 'session' })).status, 401, 'once more to be seen, logged out');
    assert.equal((await app.session({ auth: 'session' })).status, 410);
    assert.equal((await app.refresh(undefined, { take: false })).status, 400);
  }
  assert.equal((await bystander.session()).status, 200);
  assert.equal((await new AppClient({ url }).login(email, PASSWORD)).status, 400);
  assert.equal((await new AppClient({ url }).login(email, OTHER_PASSWORD)).status, 200);

  const made = await project.run(['users', 'set-password', email, '--generate', '--json']);
  const password = digText(JSON.parse(made.stdout), 'password');
  secret(password);
  assert.equal((await new AppClient({ url }).login(email, password)).status, 200);

  assert.equal((await project.run(['users', 'set-password', email])).code, 2);
  assert.equal((await project.run(['users', 'set-password', email, '--generate', '--password-stdin'])).code, 2);
  const nobody = await project.run(['users', 'set-password', 'nobody@example.org', '--generate']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /There is no user nobody@example\.org/);

  const userId = digText(JSON.parse(made.stdout), 'id');
  const db = await openDatabase('sqlite://./allauth.sqlite3', { folder: project.folder });
  t.after(() => db.close());
  const rows = await db
    .knex<{ user_id: string; ended_reason: string | null; ended_by: string | null }>('sessions')
    .where({ user_id: userId });
  assert.equal(rows.filter(({ ended_reason, ended_by }) => ended_reason === 'password_changed' && ended_by === null).length, 3);
  const events = await listEvents(db, { limit: 100, userId, type: 'password_changed' });
  assert.deepEqual(
    events.map(({ actorId }) => actorId),
    [null, null],
    'the server did it',
  );
});
