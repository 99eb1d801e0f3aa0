import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadSettings } from '../../src/settings/index.ts';
import { folderWith, problemsOf } from './folder.ts';

const environment = {};
const PACKAGE = { 'package.json': '{"name": "app"}' };

const FORMS: Record<string, string> = {
  'allauth.config.ts': 'enum Ports { Mine = 9100 }\nconst config: { PORT: number } = { PORT: Ports.Mine };\nexport default config;\n',
  'allauth.config.mts': 'const PORT: number = 9100;\nexport default { PORT };\n',
  'allauth.config.mjs': 'export default { PORT: 9100 };\n',
  'allauth.config.cjs': 'module.exports = { PORT: 9100 };\n',
  'allauth.config.js': 'module.exports = { PORT: 9100 };\n',
  'allauth.config.json': '\uFEFF{ "PORT": 9100 }\n',
};

for (const [name, text] of Object.entries(FORMS)) {
  test(`${name} is found from a folder below, and taken by path`, async (t) => {
    const folder = folderWith(t, { ...PACKAGE, [name]: text });
    mkdirSync(join(folder, 'src/deep'), { recursive: true });
    const found = await loadSettings({ cwd: join(folder, 'src/deep'), environment });
    assert.equal(found.settings.PORT, 9100);
    assert.deepEqual([found.file, found.folder, found.sources.get('PORT')], [join(folder, name), folder, 'file']);
    assert.equal((await loadSettings({ cwd: '/', file: join(folder, name), environment })).settings.PORT, 9100);
  });
}

test('.js is an ES module where package.json says so', async (t) => {
  const folder = folderWith(t, { 'package.json': '{"type": "module"}', 'allauth.config.js': 'export default { PORT: 9100 };' });
  assert.equal((await loadSettings({ cwd: folder, environment })).settings.PORT, 9100);
});

test('TypeScript loads where package.json says commonjs, with what it imports', async (t) => {
  const folder = folderWith(t, {
    'package.json': '{"type": "commonjs"}',
    'allauth.config.ts': "import { port } from './lib/port';\nexport default { PORT: port, HOST: await Promise.resolve('::1') };\n",
    'lib/port.ts': 'export const port: number = 9100;\n',
  });
  assert.deepEqual((({ PORT, HOST }) => [PORT, HOST])((await loadSettings({ cwd: folder, environment })).settings), [9100, '::1']);
});

test('the key of package.json is read, a package.json without it passed by', async (t) => {
  const folder = folderWith(t, { 'package.json': '{"name": "app", "allauth": {"PORT": 9100}}' });
  const { settings, file } = await loadSettings({ cwd: folder, environment });
  assert.deepEqual([settings.PORT, file], [9100, join(folder, 'package.json')]);
  assert.equal((await loadSettings({ cwd: folder, file: 'package.json', environment })).settings.PORT, 9100);

  const without = folderWith(t, PACKAGE);
  const defaults = await loadSettings({ cwd: without, environment });
  assert.deepEqual([defaults.settings.PORT, defaults.file, defaults.folder], [8000, null, without]);
  assert.match((await problemsOf(loadSettings({ cwd: without, file: 'package.json', environment })))[0]?.message ?? '', /no key "allauth"/);
});

test('the search ends at the nearest package.json', async (t) => {
  const folder = folderWith(t, { 'allauth.config.json': '{"PORT": 9100}', 'app/package.json': '{}' });
  assert.equal((await loadSettings({ cwd: join(folder, 'app'), environment })).file, null);
});

test('the settings file of a conformance run loads', async (t) => {
  const settings = {
    SECRET_KEY: 'conformance-secret-key-not-for-production',
    ALLOWED_HOSTS: ['localhost', '127.0.0.1', 'app.example.org'],
    DEFAULT_FROM_EMAIL: 'noreply@example.org',
    HEADLESS_ONLY: true,
    HEADLESS_TOKEN_STRATEGY: 'allauth.headless.tokens.strategies.jwt.JWTTokenStrategy',
    HEADLESS_FRONTEND_URLS: { account_confirm_email: 'https://app.example.org/verify-email/{key}' },
    ACCOUNT_SIGNUP_FIELDS: ['username*', 'email', 'password1*'],
    ACCOUNT_RATE_LIMITS: { login_failed: '10/m/ip,5/5m/key' },
    AUTH_PASSWORD_VALIDATORS: [],
    HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 42,
    HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 2,
    SOCIALACCOUNT_PROVIDERS: {
      openid_connect: { APPS: [{ provider_id: 'x', client_id: 'c', secret: 's', settings: { server_url: 'http://x' } }] },
    },
    EMAIL_HOST: '127.0.0.1',
    EMAIL_PORT: 2525,
    PORT: 8123,
  };
  const folder = folderWith(t, { 'settings.json': JSON.stringify(settings, null, 2) });
  const loaded = await loadSettings({ cwd: '/', file: join(folder, 'settings.json'), environment });
  assert.equal(loaded.settings.HEADLESS_TOKEN_STRATEGY, 'allauth-kit/plugin#JWTTokenStrategy');
  assert.deepEqual([loaded.settings.PORT, loaded.folder], [8123, folder]);
});

/** File → its text and the message that is expected, with `%` for the folder. */
const BROKEN: Record<string, [text: string, message: string]> = {
  'a.json': ['{\n  "SECRET_KEY": "hunter2",\n  "PORT": 1,,\n  "HOST": "::1"\n}', '%/a.json:3: is not valid JSON'],
  'b.json': ['{\n  "PORT": 1\n', '%/b.json:3: is not valid JSON'],
  'c.ts': ['export default {\n  PORT: [1 2],\n};', '%/c.ts does not load: Expected "]" but found "2" (%/c.ts:2:11)'],
  'd.mjs': ['export default {\n  PORT: [1 2],\n};', '%/d.mjs does not load: Unexpected number (%/d.mjs:2)'],
  'e.cjs': ['module.exports = {\n  PORT: [1 2],\n};', '%/e.cjs does not load: Unexpected number (%/e.cjs:2)'],
  'f.ts': ["export default {\n  PORT: (() => { throw new Error('no port'); })(),\n};", '%/f.ts does not load: no port (%/f.ts:2:24)'],
  'g.mjs': [
    "import x from 'no-such-package';\nexport default x;",
    "%/g.mjs does not load: Cannot find package 'no-such-package' imported from %/g.mjs",
  ],
  'h.ts': ['export const PORT = 1;', '%/h.ts: has no default export; it must end in `export default defineConfig({ … })`'],
  'i.ts': ['export default () => ({ PORT: 1 });', '%/i.ts: the config must be an object of settings, and is a function'],
  'j.json': ['[]', '%/j.json: the config must be an object of settings, and is []'],
  'k.yaml': ['PORT: 1', '%/k.yaml: is no config file: its name must end in .ts, .mts, .js, .mjs, .cjs, .json'],
  'l.json': ['{"PROT": 1}', 'PROT (%/l.json): is not a setting; did you mean PORT?'],
  'm.json': ['', '%/m.json:1: is not valid JSON'],
};

for (const [name, [text, message]] of Object.entries(BROKEN)) {
  test(`a broken config is named in one line: ${name}`, async (t) => {
    const folder = folderWith(t, { [name]: text });
    const error: unknown = await loadSettings({ cwd: folder, file: name, environment }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.message], ['SettingsError', message.replaceAll('%', folder)]);
  });
}

test('a config file that is not there, or cannot be read, is named', async (t) => {
  const folder = folderWith(t, { 'folder.json/x': '' });
  const [missing] = await problemsOf(loadSettings({ cwd: folder, file: 'none.ts', environment }));
  assert.deepEqual(missing, { name: '', source: join(folder, 'none.ts'), message: 'there is no such file' });
  const [unreadable] = await problemsOf(loadSettings({ cwd: folder, file: 'folder.json', environment }));
  assert.match(unreadable?.message ?? '', /^cannot be read \(EISDIR/);
});

test('a broken file is found by the search, too, and not passed by', async (t) => {
  for (const [name, text] of [
    ['allauth.config.ts', 'export default {'],
    ['allauth.config.json', '{'],
    ['allauth.config.json', ''],
    ['package.json', '{'],
  ] as const) {
    const folder = folderWith(t, { ...PACKAGE, [name]: text });
    const [problem] = await problemsOf(loadSettings({ cwd: folder, environment }));
    assert.ok(`${problem?.source} ${problem?.message}`.includes(join(folder, name)), name);
  }
});
