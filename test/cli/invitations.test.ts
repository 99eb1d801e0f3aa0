import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/engine/open.ts';
import { listEvents } from '../../src/store/events.ts';
import { AppClient } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { smtpSink } from '../support/mail.ts';
import { secret } from '../support/secrets.ts';
import { configOf, Project } from './cli.ts';

const CHOSEN = 'chosen-Kettle-3-word';

test('invite and send-reset: mails with a link that a running server sends, and that lets the user in', async (t) => {
  const { port, box } = await smtpSink(t);
  const settings = { ACCOUNT_ALLOW_SIGNUP: false, ACCOUNT_EMAIL_VERIFICATION: 'mandatory', EMAIL_HOST: '127.0.0.1', EMAIL_PORT: port };
  const project = new Project(t, { 'allauth.config.ts': configOf(settings) });
  const url = await project.start(t, ['serve']).url();
  const invite = (...more: string[]) => project.run(['users', 'invite', 'ann@example.org', '--origin', url, ...more]);

  const made = await invite('--json', '--username', 'Ann', '--staff');
  assert.equal(made.code, 0, made.stderr);
  const ann: unknown = JSON.parse(made.stdout);
  assert.deepEqual(
    ['email', 'username', 'is_staff', 'created', 'mail'].map((name) => dig(ann, name)),
    ['ann@example.org', 'Ann', true, true, 'invitation'],
  );
  const first = await box.wait('ann@example.org');
  assert.ok(first.text.includes(`${url}/_allauth/pages/reset-password#`), first.text);
  const again = await invite('--language', 'de');
  assert.deepEqual([again.code, again.stdout], [0, 'Invited ann@example.org (user name Ann) once more.\n']);
  assert.match((await box.wait('ann@example.org')).text, /Guten Tag/);

  const app = new AppClient({ url });
  secret(CHOSEN);
  assert.equal((await app.post('auth/password/reset', { key: first.key, password: CHOSEN })).status, 401);
  assert.equal((await app.login('ann@example.org', CHOSEN)).status, 200);
  const taken = await invite();
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /ann@example\.org already/);

  const sent = await project.run(['users', 'send-reset', 'ann', '--origin', url, '--json']);
  assert.deepEqual([sent.code, dig(JSON.parse(sent.stdout), 'mail')], [0, 'password_reset_by_admin']);
  const { key } = await box.wait('ann@example.org');
  assert.equal((await app.post('auth/password/reset', { key, password: `${CHOSEN}s` }, { auth: 'none' })).status, 401);
  assert.match((await project.run(['users', 'send-reset', 'nobody'])).stderr, /There is no user nobody/);

  const db = await openDatabase('sqlite://./allauth.sqlite3', { folder: project.folder });
  t.after(() => db.close());
  const events = await listEvents(db, { limit: 100, userId: digText(ann, 'id') });
  const byCommand = events.filter(({ details }) => details['by'] === 'command line').map(({ type, actorId }) => [type, actorId]);
  assert.deepEqual(byCommand.toReversed(), [
    ['user_created', null],
    ['user_invited', null],
    ['user_invited', null],
    ['password_reset_sent', null],
  ]);
});

test('create: with a password or without; what is wrong is said, and production asks where links are to lead', async (t) => {
  const project = new Project(t, { 'allauth.config.ts': configOf({ ACCOUNT_ALLOW_SIGNUP: false }) });
  const made = await project.run(['users', 'create', 'bob@example.org', '--generate', '--verified', '--json']);
  assert.equal(made.code, 0, made.stderr);
  const password = digText(JSON.parse(made.stdout), 'password');
  secret(password);
  const bare = await project.run(['users', 'create', 'cy@example.org']);
  assert.deepEqual([bare.code, bare.stdout], [0, 'Made the user cy@example.org (user name cy).\n']);
  const url = await project.start(t, ['serve']).url();
  assert.equal((await new AppClient({ url }).login('bob@example.org', password)).status, 200);

  const wrong = async (...args: string[]) => {
    const { code, stderr } = await project.run(['users', ...args]);
    return `${code} ${stderr}`;
  };
  assert.match(await wrong('create', 'bob@example.org'), /^1 There is an account with the address bob@example\.org already/);
  assert.match(await wrong('create', 'nobody'), /^1 The address nobody is not allowed/);
  assert.match(await wrong('create', 'd@example.org', '--username', 'BOB'), /^1 There is a user BOB already/);
  assert.match(await wrong('create', 'd@example.org', '--generate', '--password-stdin'), /^2 /);
  assert.match(await wrong('invite', 'd@example.org', '--language', 'xx'), /^2 .*Allowed choices are en, de/);
  assert.match(await wrong('invite', 'd@example.org', '--origin', 'example.org/path'), /^2 .*It is no origin/);
  for (const name of ['create', 'invite', 'send-reset'])
    assert.match((await project.run(['users', name, '--help'])).stdout, /Example: allauth users/);

  const production = { NODE_ENV: 'production', SECRET_KEY: 'a secret of this test alone, long enough', ALLOWED_HOSTS: '["example.org"]' };
  const env = { ...production, HEADLESS_JWT_PRIVATE_KEY: 'database', EMAIL_HOST: 'localhost', DEFAULT_FROM_EMAIL: 'x@example.org' };
  const nowhere = await project.run(['users', 'invite', 'd@example.org'], { env });
  assert.deepEqual([nowhere.code, /Give --origin/.test(nowhere.stderr)], [1, true], nowhere.stderr);
});
