import { z } from 'zod';
import { describeSettings } from '../../settings/index.ts';
import type { KeyInfo } from '../../contracts/plug-points/signing-keys.ts';
import { named, reply, type OutputOf } from '../../http/reply.ts';
import { adminEndpoint } from '../endpoint.ts';
import { time } from '../schemas.ts';

const Setting = named('Setting', () =>
  z.strictObject({
    name: z.string(),
    value: z.unknown(),
    default: z.unknown(),
    source: z.enum(['default', 'file', 'code', 'environment']),
    secret: z.boolean(),
    has_effect: z.boolean().describe('Whether this version uses the value'),
    doc: z.string(),
  }),
);

const Finding = named('Finding', () =>
  z.strictObject({ area: z.string(), level: z.enum(['error', 'warning']), message: z.string(), advice: z.string() }),
);

/** The settings in force, with where each value comes from; of secrets only whether they are set. `meta.warnings`: what `allauth doctor` finds. */
export const getSettings = adminEndpoint({
  route: 'GET /settings',
  summary: 'The settings in force',
  input: z.strictObject({}),
  replies: {
    200: reply('SettingsReply', () => ({ data: z.array(Setting()), meta: z.strictObject({ warnings: z.array(Finding()) }) })),
  },
  async handle({ kit }) {
    const { examine } = await import('../../doctor/doctor.ts');
    return {
      status: 200,
      data: describeSettings(kit).map(({ hasEffect, ...row }) => ({ ...row, has_effect: hasEffect })),
      meta: { warnings: await examine(kit) },
    };
  },
});

const Key = named('Key', () =>
  z.strictObject({
    kid: z.string().nullable(),
    algorithm: z.string(),
    state: z.enum(['next', 'signing', 'retired']),
    created_at: time().nullable(),
    signs_from: time().nullable().describe('When its first signature was or will be; null: not known, or the settings say which key signs'),
  }),
);

/** The keys that sign or verify tokens; nothing of their private halves. */
export const listKeys = adminEndpoint({
  route: 'GET /keys',
  summary: 'The keys that sign and verify',
  input: z.strictObject({}),
  replies: { 200: reply('Keys', () => ({ data: z.array(Key()) })) },
  async handle({ kit }) {
    return { status: 200, data: (await kit.plugins.HEADLESS_TOKEN_STRATEGY.listKeys()).map(serializeKey) };
  },
});

const Rotation = named('Rotation', () =>
  z.union([
    z.strictObject({ rotated: z.literal(true), key: Key() }),
    z.strictObject({ rotated: z.literal(false), instruction: z.string() }),
  ]),
);

/**
 * Puts a new key in the place of the one that signs: `rotated: true` with the new `key`. Where the server may not write the keys
 * `rotated: false`, and `instruction` says what their owner has to do.
 */
export const rotateKey = adminEndpoint({
  route: 'POST /keys/rotate',
  summary: 'Puts a new key in the place of the one that signs',
  input: z.strictObject({}),
  replies: { 200: reply('RotationReply', () => ({ data: Rotation() })) },
  async handle(request) {
    const rotation = await request.kit.plugins.HEADLESS_TOKEN_STRATEGY.rotateKey({ origin: request });
    const data: OutputOf<typeof Rotation> = rotation.rotated ? { rotated: true, key: serializeKey(rotation.key) } : rotation;
    return { status: 200, data };
  },
});

function serializeKey({ kid, algorithm, state, createdAt, signsFrom }: KeyInfo) {
  return { kid, algorithm, state, created_at: createdAt, signs_from: signsFrom || null };
}
