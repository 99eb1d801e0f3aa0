import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppClient, newEmail } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { Project } from './cli.ts';

test('sessions list and revoke, users deactivate and activate, beside a running server', async (t) => {
  const project = new Project(t);
  const server = project.start(t, ['serve']);
  const url = await server.url();
  const [ann, bob] = [newEmail(), newEmail()];
  const [first, second, other] = [new AppClient({ url }), new AppClient({ url }), new AppClient({ url })];
  await first.signup(ann);
  await second.login(ann);
  await other.signup(bob);

  const list = async (...args: string[]) => JSON.parse((await project.run(['sessions', 'list', '--json', ...args])).stdout) as unknown[];
  assert.equal((await list()).length, 3);
  assert.match((await project.run(['sessions', 'list', '--user', ann])).stdout, new RegExp(`USER.*\\n${ann}`));
  const [newest] = await list('--user', ann);
  const one = await project.run(['sessions', 'revoke', String(dig(newest, 'id')), '--reason', 'stolen', '--json']);
  assert.deepEqual([one.code, JSON.parse(one.stdout)], [0, { revoked: 1 }], one.stderr);
  assert.equal((await second.refresh()).status, 400);
  assert.equal(dig((await list('--state', 'revoked'))[0], 'revoked_reason'), 'stolen');

  const wrong = await project.run(['sessions', 'revoke', '--all', '--expected', '5']);
  assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
  assert.match(wrong.stderr, /There are 2 sessions to revoke, not 5\. Nothing was revoked/);
  assert.equal((await project.run(['sessions', 'revoke'])).code, 2);
  assert.equal((await project.run(['sessions', 'revoke', '00000000-0000-4000-8000-000000000000'])).code, 1);
  assert.equal((await project.run(['sessions', 'list', '--state', 'odd'])).code, 2);

  assert.match((await project.run(['users', 'deactivate', bob])).stdout, /sessions that ended: 1/);
  assert.equal((await other.refresh()).status, 400);
  assert.equal((await new AppClient({ url }).login(bob)).status, 401);
  assert.equal((await project.run(['users', 'activate', bob])).code, 0);
  assert.equal((await new AppClient({ url }).login(bob)).status, 200);
});
