import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JWTTokenStrategy, type Kit } from 'allauth-kit/plugin';
import type { Config } from 'allauth-kit';
import { decode } from '../tokens/support/jwt.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';
import { configFolder, strategySource } from './folder.ts';

const OPTIONS = `
  import { JWTTokenStrategy, type Kit } from 'allauth-kit/plugin';
  export class WithOptions extends JWTTokenStrategy {
    readonly given: unknown;
    constructor(kit: Kit, options: unknown) {
      super(kit);
      this.given = options;
    }
    override async getClaims() {
      return { given: this.given ?? null };
    }
  }
  export default WithOptions;`;

const OPTIONS_JS = OPTIONS.replace(', type Kit', '')
  .replace('readonly given: unknown;', '')
  .replace('kit: Kit, options: unknown', 'kit, options')
  .replace('override async', 'async');

const files = {
  'mine.ts': strategySource('Mine', 'a file'),
  'deep/options.ts': OPTIONS,
  'options.mjs': OPTIONS_JS,
  'helper.ts': 'export const FROM: string = "a helper";',
  'imports.ts': strategySource('Imports', '')
    .replace('import', 'import { FROM } from "./helper.ts";\nimport')
    .replace('from: ""', 'from: FROM'),
  'node_modules/token-kit/package.json': '{"name":"token-kit","type":"module","exports":{".":"./index.js","./more":"./more.js"}}',
  'node_modules/token-kit/index.js': OPTIONS_JS,
  'node_modules/token-kit/more.js': OPTIONS_JS.replaceAll('WithOptions', 'More'),
  'node_modules/@acme/tokens/package.json': '{"name":"@acme/tokens","type":"module","exports":"./index.js"}',
  'node_modules/@acme/tokens/index.js': OPTIONS_JS,
};

/** A strategy that a config in code gives as a class. */
class InCode extends JWTTokenStrategy {
  readonly given: unknown;

  constructor(kit: Kit, options?: object) {
    super(kit);
    this.given = options;
  }

  override async getClaims(): Promise<Record<string, unknown>> {
    return { given: this.given ?? null };
  }
}

const forms: [string, Config['HEADLESS_TOKEN_STRATEGY'], object][] = [
  ['a TypeScript file', './mine.ts#Mine', { from: 'a file' }],
  ['a TypeScript file that imports another', './imports.ts#Imports', { from: 'a helper' }],
  [
    'a file in a folder, with options',
    ['./deep/options.ts#WithOptions', { tenant: 'acme', list: [1] }],
    { given: { tenant: 'acme', list: [1] } },
  ],
  ['a default export', './deep/options.ts', { given: null }],
  ['JavaScript', ['./options.mjs#WithOptions', { a: 1 }], { given: { a: 1 } }],
  ['a package', ['token-kit#WithOptions', { a: 1 }], { given: { a: 1 } }],
  ["a package's default export", 'token-kit', { given: null }],
  ["a package's path", ['token-kit/more#More', { a: 1 }], { given: { a: 1 } }],
  ['a package with a scope', ['@acme/tokens#WithOptions', { a: 1 }], { given: { a: 1 } }],
  ['a class', InCode, { given: null }],
  ['a class with options', [InCode, { a: 1 }], { given: { a: 1 } }],
  ["Django's name of the JWT strategy", 'allauth.headless.tokens.strategies.jwt.JWTTokenStrategy', {}],
];

for (const [what, HEADLESS_TOKEN_STRATEGY = '', expected] of forms) {
  test(`a strategy given as ${what} makes the tokens`, async (t) => {
    const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY }, { folder: configFolder(t, files) });
    const app = await signedUp(server);
    const check = async (): Promise<void> => {
      const { claims } = decode(app.accessToken);
      assert.deepEqual({ ...claims, ...expected }, claims);
      assert.equal((await server.me(app.accessToken)).status, 200);
    };
    await check();
    assert.equal((await app.refresh()).status, 200);
    await check();
  });
}

test("Django's name of the session strategy: session tokens alone", async (t) => {
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: 'allauth.headless.tokens.strategies.sessions.SessionTokenStrategy' });
  const app = await signedUp(server);
  assert.deepEqual([app.accessToken, app.refreshToken], ['', '']);
  assert.equal((await app.session()).status, 200);
  assert.equal((await app.refresh('x.y.z')).text, '{"status":400}');
  assert.equal((await server.me(app.sessionToken)).status, 401);
  await app.logout();
  assert.equal((await app.session()).status, 410);
});

test("a class that was derived from a file of one's own is the class that the server knows", async (t) => {
  const check = `
    import { AbstractTokenStrategy, JWTTokenStrategy } from 'allauth-kit/plugin';
    import { InHere } from './base.ts';
    export class Derived extends InHere {
      override async getClaims() {
        return { derived: this instanceof JWTTokenStrategy && this instanceof AbstractTokenStrategy };
      }
    }`;
  const base = `
    import { JWTTokenStrategy } from 'allauth-kit/plugin';
    export class InHere extends JWTTokenStrategy {}`;
  const folder = configFolder(t, { 'package.json': '{"type":"module"}', 'derived.ts': check, 'base.ts': base });
  const server = await tokenServer(t, { HEADLESS_TOKEN_STRATEGY: './derived.ts#Derived' }, { folder });
  assert.equal(server.kit.plugins.HEADLESS_TOKEN_STRATEGY instanceof JWTTokenStrategy, true);
  const app = await signedUp(server);
  assert.equal(decode(app.accessToken).claims['derived'], true);
});
