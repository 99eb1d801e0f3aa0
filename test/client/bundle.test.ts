import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ADMIN_TYPES, CLIENT_TYPES, written } from '../../scripts/api-types.ts';
import { PLANNED } from '../../scripts/planned-endpoints.ts';
import { areas } from '../../src/areas.ts';
import { METHODS } from '../../src/client/methods.ts';

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

test('the types of the client and of the dashboard are what the endpoints declare', async () => {
  for (const types of [CLIENT_TYPES, ADMIN_TYPES]) assert.equal(written(types), await types.write(), 'run npm run docs');
});

test('the client has a method for each endpoint, and no endpoint is planned that is there', () => {
  // Refreshing is what the client does by itself; a redirect is no call: redirectToProvider.
  const others = ['POST /tokens/refresh', 'POST /auth/provider/redirect'];
  const served = areas.flatMap((area) => area.endpoints).filter(({ outside }) => !outside);
  const routes = [...served, ...PLANNED].map(({ route }) => route);
  assert.deepEqual([...Object.values<string>(METHODS), ...others].sort(), routes.sort());
});
