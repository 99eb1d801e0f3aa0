import { isDeepStrictEqual } from 'node:util';
import { describeSettings } from '../settings/index.ts';
import type { Database } from '../store/engine/database.ts';
import { findLatestEvent } from '../store/events.ts';
import type { Kit } from '../kit/kit.ts';
import { SERVER_ORIGIN, write } from '../kit/write.ts';

/**
 * Records the settings that differ from their defaults in the audit log, if they have changed since the last start. Secrets are only recorded as set
 * or not set, so replacing one is not noticed.
 */
export async function recordSettings(kit: Kit): Promise<void> {
  const given = describeSettings(kit).filter(({ source, hasEffect }) => source !== 'default' && hasEffect);
  const plain = given.filter(({ secret }) => !secret).map(({ name, value }) => [name, value] as const);
  // In the form that the audit log returns.
  const details = JSON.parse(
    JSON.stringify({
      settings: Object.fromEntries(plain),
      secrets: given.filter(({ secret, value }) => secret && value === true).map(({ name }) => name),
      production: kit.production,
    }),
  ) as Record<string, unknown>;
  const areNew = async (db: Database): Promise<boolean> =>
    !isDeepStrictEqual((await findLatestEvent(db, 'settings_loaded'))?.details, details);
  // Most starts change nothing, and then need no transaction.
  if (!(await areNew(kit.db))) return;
  await write(kit, SERVER_ORIGIN, async ({ db, record }) => {
    if (await areNew(db)) record('settings_loaded', { userId: null, actorId: null, sid: null, details });
  });
}
