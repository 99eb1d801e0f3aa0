import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { testServer } from '../support/server.ts';
import { configFolder, strategySource } from './folder.ts';

const NOT_A_STRATEGY = 'export class Other { hash() {} }\nexport const helper = () => 1;\nexport const settings = {};\nexport default 5;';

const files = {
  'mine.ts': strategySource('Mine', 'x'),
  'other.ts': NOT_A_STRATEGY,
  'empty.ts': 'export {};',
  'syntax.ts':
    "import { JWTTokenStrategy } from 'allauth-kit/plugin';\n\nexport class Broken extends JWTTokenStrategy {\n  override async (\n}\n",
  'syntax.mjs': 'export class Broken {\n  constructor( {\n}\n',
  'throws.ts':
    "export const Fine = 1;\nfunction connect(): never {\n  throw new TypeError('no such host: ldap.example.org');\n}\nconnect();\n",
  'imports.ts': "import { Missing } from './missing.ts';\nexport class Broken extends Missing {}\n",
  'package.ts': "import x from 'no-such-package';\nexport class Broken extends x {}\n",
  'constructor.ts': `${strategySource('Mine', 'x').replace('override', "constructor(kit: never) { super(kit); throw new Error('the tenant is unknown'); }\n      override")}`,
  'early.ts': `
    import { JWTTokenStrategy, type Kit } from 'allauth-kit/plugin';
    export class Early extends JWTTokenStrategy {
      constructor(kit: Kit) { super(kit); kit.plugins.HEADLESS_TOKEN_STRATEGY.publicKeys(); }
    }`,
  'open.ts': `
    import { JWTTokenStrategy } from 'allauth-kit/plugin';
    export class Opening extends JWTTokenStrategy {
      override async open(): Promise<void> { throw new Error('the directory is down'); }
    }`,
  'forgetful.ts': `
    import { JWTTokenStrategy } from 'allauth-kit/plugin';
    export class Forgetful extends JWTTokenStrategy { override async open(): Promise<void> {} }`,
};

/** Starts a server that must not start; the message, which is the error's own and is said once. */
async function refusal(t: TestContext, settings: Config, folder: string): Promise<string> {
  const error = await testServer(t, settings, { folder }).then(
    () => assert.fail('this must not start'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  return error.message;
}

/** What a strategy is refused for: the path, and what the message says behind the setting's name and the path. */
const faults: [path: string, (folder: string) => readonly (string | RegExp)[]][] = [
  ['./mine.ts#Mien', (folder) => [`${join(folder, 'mine.ts')} has no export Mien`, 'it has: Mine', 'Did you mean #Mine?']],
  ['./mine.ts#mine', () => ['Did you mean #Mine?']],
  ['./mine.ts', (folder) => [`${join(folder, 'mine.ts')} has no default export; name the export after a #`, 'it has: Mine']],
  ['./mine.ts#constructor', () => ['has no export constructor', 'it has: Mine']],
  ['./empty.ts#Mine', () => ['it exports nothing']],
  ['./nime.ts#Mine', (folder) => [`there is no file ${join(folder, 'nime.ts')}`, 'did you mean ./mine.ts?']],
  ['./mine#Mine', () => ['did you mean ./mine.ts?']],
  ['./plugins/mine.ts#Mine', (folder) => [`there is no folder ${join(folder, 'plugins')}`]],
  ['mine.ts#Mine', () => ['did you mean ./mine.ts?']],
  ['no-such-package#Mine', (folder) => [`there is no package no-such-package in a node_modules folder of ${folder}`]],
  ['./other.ts', () => ['is not a class']],
  ['./other.ts#settings', () => ['is not a class']],
  ['./other.ts#helper', () => ['is not a class']],
  ['./other.ts#Other', () => ['is not a token strategy: derive it from AbstractTokenStrategy, SessionTokenStrategy or JWTTokenStrategy']],
  ['./syntax.ts#Broken', (folder) => [`${join(folder, 'syntax.ts')}:`, /:[45]:\d+/]],
  ['./syntax.mjs#Broken', (folder) => [`${join(folder, 'syntax.mjs')}`, /syntax\.mjs:[234]/]],
  ['./throws.ts#Fine', (folder) => ['no such host: ldap.example.org', `${join(folder, 'throws.ts')}:3:`]],
  ['./imports.ts#Broken', (folder) => [join(folder, 'missing.ts'), join(folder, 'imports.ts')]],
  ['./package.ts#Broken', () => ['no-such-package']],
  ['./constructor.ts#Mine', () => ['could not be made: the tenant is unknown']],
  ['./early.ts#Early', () => ['could not be made: ']],
];

for (const [path, expected] of faults) {
  test(`HEADLESS_TOKEN_STRATEGY ${path} stops the start with one clear message`, async (t) => {
    const folder = configFolder(t, files);
    const message = await refusal(t, { HEADLESS_TOKEN_STRATEGY: path }, folder);
    assert.ok(message.startsWith(`HEADLESS_TOKEN_STRATEGY: ${JSON.stringify(path)}`), message);
    for (const part of expected(folder))
      assert.ok(typeof part === 'string' ? message.includes(part) : part.test(message), `${message}\nlacks ${part}`);
    assert.equal(message.split('\n').length, 1, message);
  });
}

test('all that is broken is told at once, a line each, in every plug point', async (t) => {
  const folder = configFolder(t, files);
  const settings: Config = {
    HEADLESS_TOKEN_STRATEGY: './mine.ts#Mien',
    PLUGINS: ['./throws.ts#Fine', './other.ts#Other', './other.ts#settings'],
    PASSWORD_HASHERS: ['argon2id', './mine.ts#Mine'],
  };
  const lines = (await refusal(t, settings, folder)).split('\n').sort();
  assert.equal(lines.length, 4, lines.join('\n'));
  assert.match(lines[0] ?? '', /^HEADLESS_TOKEN_STRATEGY: "\.\/mine\.ts#Mien"/);
  assert.match(lines[1] ?? '', /^PASSWORD_HASHERS: "\.\/mine\.ts#Mine" .* is not a password hasher \(it has no hash, /);
  assert.match(lines[2] ?? '', /^PLUGINS: "\.\/other\.ts#settings" .* is not a class/);
  assert.match(lines[3] ?? '', /^PLUGINS: "\.\/throws\.ts#Fine"/);
});

test('the options of a plugin that is refused are told nobody', async (t) => {
  const folder = configFolder(t, files);
  for (const path of ['./mine.ts#Mien', './other.ts#Other', './constructor.ts#Mine', './missing.ts']) {
    const message = await refusal(t, { HEADLESS_TOKEN_STRATEGY: [path, { apiKey: 'hidden-in-options' }] }, folder);
    assert.ok(!message.includes('hidden-in-options'), message);
  }
});

test('a class in code is named by its own name', async (t) => {
  class NotOne {}
  class Failing {
    constructor() {
      throw new Error('the tenant is unknown');
    }
  }
  const strategy = NotOne as unknown as NonNullable<Config['HEADLESS_TOKEN_STRATEGY']>;
  assert.match(
    await refusal(t, { HEADLESS_TOKEN_STRATEGY: strategy }, process.cwd()),
    /^HEADLESS_TOKEN_STRATEGY: NotOne is not a token strategy/,
  );
  assert.match(await refusal(t, { PLUGINS: [Failing] }, process.cwd()), /^PLUGINS: Failing could not be made: the tenant is unknown$/);
});

test('an open() that throws stops the start, and says why', async (t) => {
  const folder = configFolder(t, files);
  assert.match(await refusal(t, { HEADLESS_TOKEN_STRATEGY: './open.ts#Opening' }, folder), /the directory is down/);
});

test('an open() that forgets super.open() is told what to do, at the first token', async (t) => {
  const server = await testServer(t, { HEADLESS_TOKEN_STRATEGY: './forgetful.ts#Forgetful' }, { folder: configFolder(t, files) });
  const reply = await server.app().signup('ann@example.org');
  assert.equal(reply.status, 500);
  assert.ok(server.log.some((line) => line.includes('Forgetful is not open: its open() must call super.open()')));
});
