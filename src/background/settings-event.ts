import { isDeepStrictEqual } from 'node:util';
import { describeSettings } from '../settings/index.ts';
import type { Database } from '../store/engine/database.ts';
import { findLatestEvent } from '../store/events.ts';
import type { Kit } from '../kit/kit.ts';
import { SERVER_ORIGIN, write } from '../kit/write.ts';

/**
 * Notes in the audit log what the server was started with, unless it was the same the last time: the settings that are not left at their default.
 * Of a secret only whether it is set is there, so a secret that was replaced by another one is not noticed.
 */
export async function recordSettings(kit: Kit): Promise<void> {
  const given = describeSettings(kit).filter(({ source, hasEffect }) => source !== 'default' && hasEffect);
  const plain = given.filter(({ secret }) => !secret).map(({ name, value }) => [name, value] as const);
  // As it comes back from the log.
  const details = JSON.parse(
    JSON.stringify({
      settings: Object.fromEntries(plain),
      secrets: given.filter(({ secret, value }) => secret && value === true).map(({ name }) => name),
      production: kit.production,
    }),
  ) as Record<string, unknown>;
  const areNew = async (db: Database): Promise<boolean> =>
    !isDeepStrictEqual((await findLatestEvent(db, 'settings_loaded'))?.details, details);
  // Asked before as well: most starts change nothing, and need no transaction, nor what one loads.
  if (!(await areNew(kit.db))) return;
  await write(kit, SERVER_ORIGIN, async ({ db, record }) => {
    if (await areNew(db)) record('settings_loaded', { userId: null, actorId: null, sid: null, details });
  });
}
