import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** The floors from the ground upwards; a file imports from its own or from one below. */
const FLOORS = [
  ...[
    'contracts',
    'jwt',
    'settings',
    'store',
    'log',
    'texts',
    'kit',
    'mail',
    'background',
    'doctor',
    'http',
    'login',
    'areas',
    'areas.ts',
    'server',
    'doors',
  ],
];

const AREAS = ['account', 'mfa', 'social', 'sessions', 'tokens', 'admin', 'openapi'];

/** What runs in other programs. */
const ANNEXES = ['guards', 'client'];

/** Areas whose flows others may use. */
const SHARED: readonly (readonly [user: string, flows: string])[] = [
  ['mfa', 'account'],
  ['social', 'account'],
  ['admin', 'account'],
];

/** What only some files may import. */
const KEEPERS: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:koa|@koa\/.*|koa-.*)$/, /^(?:http\/koa|server\.ts|guards\/koa\.ts)/],
  [/^knex(?:\/.*)?$/, /^store\/engine\/(?:[^/]+|migrations\/.*)$/],
  [/^sqlite3$/, /^store\/engine\/sqlite\//],
  [/^pg$/, /^store\/engine\/postgresql\//],
];

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function floorOf(path: string): string {
  const [top = ''] = path.split('/');
  if (AREAS.includes(top)) return 'areas';
  if (path === 'areas.ts') return 'areas.ts';
  if (path === 'server.ts') return 'server';
  if (['index.ts', 'plugin.ts', 'cli.ts'].includes(path) || top === 'cli') return 'doors';
  return top;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));

const imports: Import[] = files.flatMap((file) => {
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true);
  return importsIn(source).map(({ specifier, typeOnly }) => {
    const to = specifier.startsWith('.') ? relative(SRC, join(SRC, dirname(file), specifier)) : specifier;
    return { from: file, to, typeOnly };
  });
});

/** Static imports, re-exports, and `import()` of a literal, as a call or a type. */
function importsIn(source: ts.SourceFile): { specifier: string; typeOnly: boolean }[] {
  const found: { specifier: string; typeOnly: boolean }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier && ts.isStringLiteral(specifier)) found.push({ specifier: specifier.text, typeOnly });
  };
  visit(source);
  return found;
}

const inside = imports.filter(({ to }) => to.endsWith('.ts') && !to.startsWith('..'));

test('every file of src stands on a floor', () => {
  assert.ok(files.length > 40);
  for (const file of files) assert.ok(FLOORS.includes(floorOf(file)) || ANNEXES.includes(floorOf(file)), file);
});

test('no file imports from a floor above its own', () => {
  for (const { from, to } of inside) {
    if (ANNEXES.includes(floorOf(from))) continue;
    assert.ok(FLOORS.indexOf(floorOf(from)) >= FLOORS.indexOf(floorOf(to)), `${from} imports ${to}`);
  }
});

test('no file imports itself by way of others, types included', () => {
  const importsOf = new Map(files.map((file) => [file, inside.filter(({ from }) => from === file)]));
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    assert.ok(start < 0, `a circle of imports: ${[...path.slice(start), file].join(' > ')}`);
    if (done.has(file)) return;
    for (const { to } of importsOf.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
});

/** The rooms of the store from the ground upwards: what the database is, a table a file, the lists of the admin API. */
const STORE_ROOMS = ['engine', 'tables', 'lists'];

function storeRoomOf(path: string): string {
  const [, room = '', ...rest] = path.split('/');
  return rest.length > 0 ? room : 'tables';
}

test('no file of the store imports from a room above its own', () => {
  for (const { from, to } of inside) {
    if (floorOf(from) !== 'store' || floorOf(to) !== 'store') continue;
    const [a, b] = [from, to].map((path) => STORE_ROOMS.indexOf(storeRoomOf(path)));
    assert.ok(a !== undefined && b !== undefined && a >= b && b >= 0, `${from} imports ${to}`);
  }
});

test('settings and store, side by side, do not import one another', () => {
  for (const { from, to, typeOnly } of inside) {
    const [a, b] = [floorOf(from), floorOf(to)];
    assert.ok(!(a === 'settings' && b === 'store' && !typeOnly) && !(a === 'store' && b === 'settings'), `${from} imports ${to}`);
  }
});

test('areas do not import one another', () => {
  for (const { from, to } of inside) {
    const [a = '', b = ''] = [from.split('/')[0], to.split('/')[0]];
    if (!AREAS.includes(a) || !AREAS.includes(b) || a === b) continue;
    const shared = SHARED.some(([user, flows]) => user === a && flows === b);
    assert.ok(shared && to.startsWith(`${b}/flows/`), `${from} imports ${to}`);
  }
});

test('guards run in other programs, also without Node: they import types, jose and the check of tokens', () => {
  for (const { from, to, typeOnly } of imports) {
    if (!['guards', 'jwt'].includes(floorOf(from))) continue;
    assert.ok(
      typeOnly || to === 'jose' || to.startsWith('jwt/') || (floorOf(from) === 'guards' && to.startsWith('guards/')),
      `${from} imports ${to}`,
    );
  }
});

test('the client runs in browsers: it imports itself alone, and nothing imports it', () => {
  for (const { from, to } of imports) assert.equal(floorOf(from) === 'client', to.startsWith('client/'), `${from} imports ${to}`);
});

test('nothing of the server imports the guards', () => {
  for (const { from, to, typeOnly } of inside) {
    if (floorOf(from) !== 'guards') assert.ok(typeOnly || !to.startsWith('guards/'), `${from} imports ${to}`);
  }
});

test('frameworks and drivers stay where they belong', () => {
  for (const { from, to, typeOnly } of imports) {
    for (const [what, keepers] of KEEPERS) {
      if (what.test(to) && !(typeOnly && /^(?:server|index)\.ts$/.test(from))) assert.match(from, keepers, `${from} imports ${to}`);
    }
  }
});

test('src does not import plugins', () => {
  for (const { from, to } of imports) assert.doesNotMatch(to, /(?:^|\/)plugins\/|^allauth-kit/, from);
});

test('plugins import nothing of the server but its door for plugins', () => {
  const folder = fileURLToPath(new URL('../plugins/', import.meta.url));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.ts'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/from\s+'([^']+)'/g)) {
      assert.ok(specifier === 'allauth-kit/plugin' || !/^(?:\.\.|allauth-kit)/.test(specifier), `${name} imports ${specifier}`);
    }
  }
});
