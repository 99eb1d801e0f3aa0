import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { clientTypes, writtenClientTypes } from '../../scripts/client-types.ts';
import { METHODS } from '../../src/client/methods.ts';
import { REPLIES } from '../../src/openapi/wire/replies.ts';

/** Bytes. */
const MOST = 6 * 1024;

test('the client is at most 6 kB, minified and compressed, and takes nothing from anywhere else', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL('../../src/client/client.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
  });
  const size = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
  assert.ok(size > 1000 && size <= MOST, `${size} bytes`);
  for (const path of Object.keys(metafile.inputs)) assert.match(path, /src\/client\//);
});

test('src/client/api.ts is what the document of the API gives', async () => {
  assert.equal(writtenClientTypes(), await clientTypes(), 'run npm run docs');
});

test('the client has a method for each operation of the document', () => {
  // Refreshing is what the client does by itself; a redirect is no call: redirectToProvider.
  const others = ['POST /tokens/refresh', 'POST /auth/provider/redirect'];
  assert.deepEqual([...Object.values<string>(METHODS), ...others].sort(), Object.keys(REPLIES).sort());
});
