import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { newPlugin, PLUGIN_KINDS, skeleton } from '../../src/cli/plugin-files.ts';
import { answeringServer } from '../plugins/answering.ts';
import { AppClient, newEmail, PASSWORD } from '../support/clients.ts';
import { dig, digText } from '../support/http.ts';
import { CHECKOUT } from '../support/program.ts';
import { Project } from './cli.ts';
import { until } from '../support/until.ts';

/** A project with a plugin of each kind, all of them named in its config as the command says. The command itself writes one of them. */
async function withEach(t: TestContext, mailUrl: string): Promise<Project> {
  const project = new Project(t, { 'package.json': '{ "name": "project", "type": "module" }' });
  const lines: string[] = [];
  for (const kind of PLUGIN_KINDS.keys()) {
    if (kind !== 'mail-sender') {
      const { file, source, config } = await newPlugin(
        kind,
        `Acme${kind.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
      );
      assert.equal(file, `plugins/acme-${kind}.ts`);
      project.write(file, source);
      lines.push(`${config},`);
      continue;
    }
    const { code, stdout, stderr } = await project.run(['plugin', 'new', kind, `acme-${kind}`]);
    assert.equal(code, 0, stderr);
    lines.push(/Name it in allauth\.config\.ts:\n(.*)\n/.exec(stdout)?.[1] ?? assert.fail(stdout));
  }
  const more = `ACCOUNT_SIGNUP_FIELDS: ['email*', 'username*', 'password1*'],`;
  const text = lines.join('\n').replace('https://mail.example/send', mailUrl);
  project.write(
    'allauth.config.ts',
    `import { defineConfig } from 'allauth-kit';\n\nexport default defineConfig({\n${text}\n  ${more}\n});\n`,
  );
  return project;
}

/** What a kind without a template starts from; fields, which a hasher has, are left to the author. */
function withSkeletons(project: Project): void {
  for (const [name, kind] of PLUGIN_KINDS)
    if (name !== 'password-hasher') project.write(`plugins/skeletons/${kind.point.kind}.ts`, skeleton(kind));
}

test('a plugin of each kind type checks and does its work as it is written', async (t) => {
  const mails = await answeringServer(t, (_asked, response) => response.end());
  const project = await withEach(t, mails.url);
  withSkeletons(project);
  project.write(
    'tsconfig.json',
    JSON.stringify({
      extends: `${CHECKOUT}tsconfig.json`,
      compilerOptions: { typeRoots: [`${CHECKOUT}node_modules/@types`] },
      include: ['plugins', 'allauth.config.ts', `${CHECKOUT}src/**/*.d.ts`],
    }),
  );
  const { status, stdout } = spawnSync(process.execPath, [`${CHECKOUT}node_modules/typescript/bin/tsc`, '-p', project.folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
  const checked = await project.run(['config']);
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);

  const server = project.start(t, ['serve']);
  const app = new AppClient({ url: await server.url() });
  const email = newEmail();
  assert.deepEqual((await app.signup(email, 'aaaaBBBB', { username: 'ann' })).errorCodes, ['password:password_too_uniform']);
  assert.deepEqual((await app.signup(email, PASSWORD, { username: 'Root' })).errorCodes, ['username:username_reserved']);
  const reply = await app.signup(email, PASSWORD, { username: 'ann' });
  assert.equal(reply.status, 200, reply.text);
  assert.ok(Number(dig(reply.data, 'user', 'joined')) > 0);
  const [, payload = ''] = digText(reply.meta, 'access_token').split('.');
  assert.equal(dig(JSON.parse(Buffer.from(payload, 'base64url').toString()), 'email'), email);
  const again = new AppClient({ url: await server.url() });
  assert.equal((await again.login(email, `${PASSWORD}x`)).status, 400);
  assert.equal((await again.login(email)).status, 200);
  await until(() => mails.asked.some(({ body }) => body.includes(email)));
  await until(() => (server.stdout + server.stderr).includes('a user logged in'));
  assert.match(String(mails.asked[0]?.headers['idempotency-key']), /^[\da-f-]{36}$/);
});

test('plugin new overwrites nothing, and says what is wrong with a kind or a name', async (t) => {
  const project = new Project(t, { 'plugins/acme.ts': '// mine' });
  const there = await project.run(['plugin', 'new', 'mail-sender', 'Acme']);
  assert.equal(there.code, 1);
  assert.match(there.stderr, /plugins\/acme\.ts already exists\. Nothing was written\./);
  assert.equal(project.read('plugins/acme.ts'), '// mine');
  const kind = await project.run(['plugin', 'new', 'mailsender', 'Other']);
  assert.equal(kind.code, 2);
  assert.match(kind.stderr, /no kind "mailsender"; did you mean mail-sender\?\nKinds: account-adapter, .*token-strategy/);
  for (const name of ['../evil', "x';"]) {
    const { code, stderr } = await project.run(['plugin', 'new', 'mail-sender', name]);
    assert.equal(code, 2, name);
    assert.match(stderr, /cannot name a class/, name);
  }
  const help = await project.run(['plugin', 'new', '--help']);
  for (const each of PLUGIN_KINDS.keys()) assert.ok(help.stdout.includes(each), each);
});
