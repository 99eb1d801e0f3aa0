import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { build } from 'esbuild';
import { CHECKOUT } from '../support/program.ts';
import { issued } from './support/issuer.ts';

/** All that one of the doors loads, bundled as for a browser: anything that only Node has fails the build. */
async function bundle(name: string) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: CHECKOUT,
    entryPoints: [`src/guards/${name}.ts`],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'kit',
    platform: 'browser',
    target: 'es2022',
  });
  return { code: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}

for (const name of ['verify', 'koa', 'express', 'fastify', 'hono', 'fetch']) {
  test(`allauth-kit/${name} loads jose and the guards, and nothing else`, async () => {
    const { inputs } = await bundle(name);
    assert.ok(inputs.length > 10);
    for (const input of inputs) assert.match(input, /^(?:src\/(?:guards|jwt)\/|(?:.*\/)?node_modules\/jose\/)/);
  });
}

test('allauth-kit/verify verifies where there are only the globals of the Web', async () => {
  const { code } = await bundle('verify');
  const { token, publicKey } = await issued();
  const context = vm.createContext({
    AbortController,
    crypto,
    fetch,
    Headers,
    Request,
    Response,
    setTimeout,
    clearTimeout,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    Uint8Array, // that of the realm whose `crypto` is lent, as TextEncoder gives it
    atob,
    btoa,
    CryptoKey: (globalThis as { CryptoKey?: unknown }).CryptoKey,
    given: { token: token(), bad: `${token()}A`, key: JSON.stringify(publicKey) },
  });
  const script = `${code}
    (async () => {
      if (typeof process !== 'undefined' || typeof require !== 'undefined' || typeof Buffer !== 'undefined') throw new Error('not the Web alone');
      const verifier = kit.createVerifier({ keys: { keys: [JSON.parse(given.key)] } });
      const subs = [(await verifier.verify(given.token)).sub, (await verifier.verify(given.token)).sub];
      const refused = await verifier.verify(given.bad).then(() => 'passed', (error) => error.refusal.reason);
      return JSON.stringify([...subs, refused]);
    })()`;
  const result: unknown = await vm.runInContext(script, context);
  assert.equal(result, '["user","user","invalid"]');
});
