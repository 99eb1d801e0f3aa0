import { z } from 'zod';
import { describeSettings } from '../../settings/index.ts';
import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import { adminEndpoint } from '../endpoint.ts';

/** The settings in force, with where each value comes from; of secrets only whether they are set. `meta.warnings`: what `allauth doctor` finds. */
export const getSettings = adminEndpoint({
  route: 'GET /settings',
  input: z.strictObject({}),
  async handle({ kit }) {
    const { examine } = await import('../../doctor/doctor.ts');
    return {
      status: 200,
      data: describeSettings(kit).map(({ later: _, ...row }) => row),
      meta: { warnings: await examine(kit) },
    };
  },
});

/** The keys that sign or verify tokens; nothing of their private halves. */
export const listKeys = adminEndpoint({
  route: 'GET /keys',
  input: z.strictObject({}),
  async handle({ kit }) {
    return { status: 200, data: (await kit.plugins.HEADLESS_TOKEN_STRATEGY.listKeys()).map(serializeKey) };
  },
});

/**
 * Puts a new key in the place of the one that signs: `rotated: true` with the new `key`. Where the server may not write the keys
 * `rotated: false`, and `instruction` says what their owner has to do.
 */
export const rotateKey = adminEndpoint({
  route: 'POST /keys/rotate',
  input: z.strictObject({}),
  async handle(request) {
    const rotation = await request.kit.plugins.HEADLESS_TOKEN_STRATEGY.rotateKey({ origin: request });
    if (!rotation.rotated) return { status: 200, data: rotation };
    return { status: 200, data: { rotated: true, key: serializeKey(rotation.key) } };
  },
});

function serializeKey({ kid, algorithm, state, createdAt, signsFrom }: KeyInfo) {
  return { kid, algorithm, state, created_at: createdAt, signs_from: signsFrom || null };
}
