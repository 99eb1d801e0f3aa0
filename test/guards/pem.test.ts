import assert from 'node:assert/strict';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { test } from 'node:test';
import type { Algorithm } from '../../src/contracts/algorithms.ts';
import { createVerifier, type VerifierOptions } from 'allauth-kit/verify';
import { signedUp, tokenServer } from '../tokens/support/server.ts';
import { signer } from './support/signer.ts';

async function accepts(options: VerifierOptions, token: string): Promise<boolean> {
  return 'claims' in (await createVerifier(options).authenticate({ get: () => `Bearer ${token}` }));
}

for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const satisfies Algorithm[]) {
  test(`a guard with this server's public key as PEM accepts its tokens (${algorithm})`, async (t) => {
    const server = await tokenServer(t, { HEADLESS_JWT_ALGORITHM: algorithm });
    const { accessToken } = await signedUp(server);
    const [jwk] = server.kit.plugins.HEADLESS_TOKEN_STRATEGY.publicKeys();
    assert.ok(jwk);
    const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
      .toString();
    assert.ok(await accepts({ keys: pem, algorithms: [algorithm] }, accessToken));
    const { kid: _, ...nameless } = jwk;
    assert.ok(await accepts({ keys: { keys: [nameless] } }, accessToken), 'a key set without kid');
    assert.ok(!(await accepts({ keys: signer().pem, algorithms: ['EdDSA'] }, accessToken)), 'the key of another server');
  });
}

test('a token without kid is accepted by a PEM too, a foreign kid is not', async () => {
  const { pem, token } = signer();
  const options: VerifierOptions = { keys: pem, algorithms: ['EdDSA'], now: () => 1000 };
  assert.ok(await accepts(options, token({}, { kid: undefined })));
  assert.ok(!(await accepts(options, token({}, { kid: 'another' }))));
});
