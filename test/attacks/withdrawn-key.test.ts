import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createVerifier, TokenRefused, type Verifier } from 'allauth-kit/verify';
import { signer } from '../guards/support/signer.ts';
import { decode } from '../tokens/support/jwt.ts';
import { signedUp, tokenServer } from '../tokens/support/server.ts';

/** Holds the next check of a signature until `release` is called; `held` resolves when it has begun. */
function holdVerification(t: TestContext): { held: Promise<void>; release: () => void } {
  const verify = crypto.subtle.verify.bind(crypto.subtle);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const held = new Promise<void>((resolve) => {
    const holding = t.mock.method(crypto.subtle, 'verify', async (...args: Parameters<typeof verify>) => {
      holding.mock.restore();
      resolve();
      await released;
      return verify(...args);
    });
  });
  return { held, release: () => release() };
}

test('the server forgets a token that it verified while the key was being withdrawn', async (t) => {
  const server = await tokenServer(t, { HEADLESS_JWT_PRIVATE_KEY: 'database' });
  const { accessToken } = await signedUp(server);
  const { held, release } = holdVerification(t);
  const during = server.me(accessToken);
  await held;
  const { kid } = decode(accessToken).header;
  const { withdrawn } = await server.kit.plugins.HEADLESS_TOKEN_STRATEGY.withdrawKey({ kid: String(kid) });
  assert.ok(withdrawn);
  release();
  await during;
  assert.equal((await server.me(accessToken)).status, 401);
});

test('a guard forgets a token that it verified while the key was being withdrawn', async (t) => {
  const [stolen, next] = [signer(), signer()];
  const state = { now: 1000, keys: [stolen.jwk] };
  const verifier = createVerifier({
    jwksUrl: 'https://auth.example.org/jwks.json',
    now: () => state.now,
    fetch: async () => new Response(JSON.stringify({ keys: state.keys }), { headers: { 'Cache-Control': 'max-age=60' } }),
  });
  const token = stolen.token({ exp: 9000 });
  const { held, release } = holdVerification(t);
  const during = status(verifier, token);
  await held;
  Object.assign(state, { now: 2000, keys: [next.jwk] });
  assert.equal(await status(verifier, next.token({ exp: 9000 })), 200, 'the guard has the new key set');
  release();
  assert.equal(await during, 200, 'it began before');
  assert.equal(await status(verifier, token), 401);
});

async function status(verifier: Verifier, token: string): Promise<number> {
  try {
    await verifier.verify(token);
    return 200;
  } catch (error) {
    if (error instanceof TokenRefused) return error.refusal.status;
    throw error;
  }
}
