import type { KeyRotation, KeyRotationOptions } from '../../../src/contracts/plug-points/signing-keys.ts';
import { dig, send } from '../../support/http.ts';
import type { TestServer } from '../../support/server.ts';

/** The key ids of GET /.well-known/jwks.json, in its order. */
export async function publishedKids({ url }: Pick<TestServer, 'url'>): Promise<unknown[]> {
  const { json } = await send(url, { path: '/.well-known/jwks.json' });
  return (dig(json, 'keys') as unknown[]).map((key) => dig(key, 'kid'));
}

/** Rotates as an operator does it. */
export function rotate({ kit }: Pick<TestServer, 'kit'>, options?: KeyRotationOptions): Promise<KeyRotation> {
  return kit.plugins.HEADLESS_TOKEN_STRATEGY.rotateKey(options);
}

/** State and key id of each key. */
export async function states({ kit }: Pick<TestServer, 'kit'>): Promise<string[]> {
  const keys = await kit.plugins.HEADLESS_TOKEN_STRATEGY.listKeys();
  return keys.map(({ state, kid }) => `${state} ${kid ?? '-'}`);
}
