import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as plugin from 'allauth-kit/plugin';
import { importModule, ModuleError } from '../../src/settings/modules.ts';
import { CHECKOUT, loadedFile } from '../support/program.ts';
import { folderWith } from './folder.ts';

async function fault(specifier: string, folder: string): Promise<string> {
  const error: unknown = await importModule(specifier, folder).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ModuleError, String(error));
  return `${error.kind}: ${error.message}`.replaceAll(folder, '%');
}

test('relative and absolute paths start from the folder', async (t) => {
  const folder = folderWith(t, {
    'plugins/a.ts': 'export class A { readonly n: number = 1 }',
    'b.cjs': 'exports.B = class {};',
    'app/x': '',
  });
  const { exports, file } = await importModule('./plugins/a.ts', folder);
  assert.deepEqual([Object.keys(exports), file], [['A'], join(folder, 'plugins/a.ts')]);
  assert.deepEqual(Object.keys((await importModule('../plugins/a.ts', join(folder, 'app'))).exports), ['A']);
  assert.equal(typeof (await importModule(join(folder, 'b.cjs'), '/')).exports['B'], 'function');
});

test('this package is found where the folder has none', async (t) => {
  const folder = folderWith(t, {});
  const { exports, file } = await importModule('allauth-kit/plugin', folder);
  assert.deepEqual([exports['hashInWorker'], file], [plugin.hashInWorker, loadedFile('src/plugin.ts')]);
  assert.equal(
    typeof (await importModule('allauth-kit/plugins/password-validators', folder)).exports['MinimumLengthValidator'],
    'function',
  );
  assert.match(await fault('allauth-kit/plugins/nope', folder), /^not-found: there is no allauth-kit\/plugins\/nope in this package/);
  assert.match(await fault('allauth-kit/src/kit/kit.ts', folder), /^not-found: package allauth-kit does not export/);
});

test('a plugin in TypeScript gets the very package that the server runs on', async (t) => {
  const text = "import { hashInWorker } from 'allauth-kit/plugin';\nexport const same: unknown = hashInWorker;\n";
  const folder = folderWith(t, { 'p.ts': text, 'node_modules/x': '' });
  symlinkSync(CHECKOUT, join(folder, 'node_modules/allauth-kit'));
  assert.equal((await importModule('./p.ts', folder)).exports['same'], plugin.hashInWorker);
});

test('packages are those of the folder, also such as are for import alone', async (t) => {
  const folder = folderWith(t, {
    'node_modules/@me/p/package.json': '{"name": "@me/p", "type": "module", "exports": {".": {"import": "./p.js"}}}',
    'node_modules/@me/p/p.js': 'export default class P {}',
  });
  const { exports, file } = await importModule('@me/p', folder);
  assert.deepEqual([typeof exports['default'], file], ['function', join(folder, 'node_modules/@me/p/p.js')]);
  assert.match(await fault('@me/p/more', folder), /^not-found: package @me\/p does not export @me\/p\/more/);
  assert.equal(await fault('@me/q', folder), 'not-found: there is no package @me/q in a node_modules folder of % or above it');
});

test('what is not there is named, with what is near', async (t) => {
  const folder = folderWith(t, { 'plugins/tenant.ts': 'export {}' });
  assert.equal(
    await fault('./plugins/tenat.ts', folder),
    'not-found: there is no file %/plugins/tenat.ts; did you mean ./plugins/tenant.ts?',
  );
  assert.equal(await fault('./plugins/tenant', folder), 'not-found: there is no file %/plugins/tenant; did you mean ./plugins/tenant.ts?');
  assert.equal(await fault('./plugin/tenant.ts', folder), 'not-found: there is no folder %/plugin');
  assert.equal(await fault('./plugins', folder), 'not-found: %/plugins is a folder, not a file');
  assert.match(await fault('plugins/tenant.ts', folder), /; did you mean \.\/plugins\/tenant\.ts\?$/);
});

test('what does not load is named with the place', async (t) => {
  const folder = folderWith(t, {
    'syntax.ts': 'export class {\n',
    'throws.ts': "import './deep.ts';\n",
    'deep.ts': "\n  throw new TypeError('boo');\n",
    'imports.mjs': "import { nope } from './empty.mjs';\nnope();\n",
    'empty.mjs': '',
    'null.mjs': 'throw null;',
  });
  assert.match(await fault('./syntax.ts', folder), /^broken: %\/syntax\.ts does not load: .* \(%\/syntax\.ts:\d+:\d+\)$/);
  assert.equal(await fault('./throws.ts', folder), 'broken: %/throws.ts does not load: TypeError: boo (%/deep.ts:2:9)');
  assert.match(await fault('./imports.mjs', folder), /does not provide an export named 'nope' \(%\/imports\.mjs:1\)$/);
  assert.equal(await fault('./null.mjs', folder), 'broken: %/null.mjs does not load: it throws null');
});
