import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppClient, newEmail } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { Project } from './cli.ts';

for (const type of ['module', 'commonjs'] as const) {
  test(`what init writes passes config and serves, in a package of type ${type}`, async (t) => {
    const project = new Project(t, { 'package.json': JSON.stringify({ name: 'project', type }), '.gitignore': 'node_modules' });
    const made = await project.run(['init', '--yes']);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(project.read('.gitignore'), 'node_modules\n*.sqlite3*\n*-dev-key-*\n');
    const checked = await project.run(['config']);
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(checked.stdout, /HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD +10 +file/);
    assert.equal(checked.stderr, '');

    const server = project.start(t, ['serve']);
    const email = newEmail();
    const reply = await new AppClient({ url: await server.url() }).signup(email);
    const [, payload = ''] = digText(reply.meta, 'access_token').split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual([dig(claims, 'email'), dig(claims, 'staff'), dig(claims, 'client')], [email, false, 'app']);
  });
}

test('init overwrites nothing', async (t) => {
  const project = new Project(t, { 'allauth.config.mjs': 'export default {};' });
  const refused = await project.run(['init']);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /There is .*allauth\.config\.mjs already\. Nothing was written\.\n/);
  assert.ok(!project.has('allauth.config.ts') && !project.has('plugins'));

  const other = new Project(t, { 'plugins/my-token-strategy.ts': '// mine' });
  const made = await other.run(['init']);
  assert.equal(made.code, 0);
  assert.match(made.stdout, /left as it is +plugins\/my-token-strategy\.ts/);
  assert.equal(other.read('plugins/my-token-strategy.ts'), '// mine');
  assert.ok(!other.has('.gitignore'), 'there is no repository');
});

test('init makes a .gitignore in a repository, and does not ask to install what is there', async (t) => {
  const project = new Project(t, { '.git/HEAD': 'ref: refs/heads/main\n' });
  const { stdout } = await project.run(['init']);
  assert.equal(project.read('.gitignore'), '*.sqlite3*\n*-dev-key-*\n');
  assert.doesNotMatch(stdout, /npm install/);
});
