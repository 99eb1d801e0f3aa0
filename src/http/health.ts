import { DatabaseUnavailable } from '../store/engine/database.ts';
import { pendingMigrations } from '../store/engine/migrate.ts';
import { stuckMails } from '../store/outbox.ts';
import { checkWritable } from '../store/readiness.ts';
import type { Kit } from '../kit/kit.ts';
import type { Area, PageReply } from './area.ts';

/** Whether the server runs, and whether it can do its work: for load balancers and orchestrators. */
export const health: Area = {
  name: 'health',
  endpoints: [],
  pages: [
    { path: '/healthz', anyHost: true, handle: async () => reply(200, { status: 'ok' }) },
    { path: '/readyz', anyHost: true, handle: readiness },
  ],
};

async function readiness(kit: Kit): Promise<PageReply> {
  try {
    const pending = await pendingMigrations(kit.db);
    if (pending.length > 0)
      return reply(503, { status: 'unavailable', reason: 'the database schema is not current: run `allauth migrate`' });
    if (!(await acceptsWrites(kit))) return reply(503, { status: 'unavailable', reason: 'the database accepts no writes' });
    // A mail server that is away must not take the instances out of rotation: it is told, no more.
    const mails = await stuckMails(kit.db, kit.now());
    return reply(200, { status: 'ok', ...(mails && mails.waiting > 0 && { mail: 'stuck' }) });
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return reply(503, { status: 'unavailable', reason: 'the database does not answer' });
  }
}

/** Seconds for which the result of a write is used again, so that frequent checks, or strangers, cause no load. */
const WRITE_INTERVAL = 10;

interface WriteCheck {
  at: number;
  result: Promise<boolean>;
}

const writeChecks = new WeakMap<Kit, WriteCheck>();

/** Whether the database accepts writes: not on a full disk, nor if it is read-only. Writes at most once in WRITE_INTERVAL. */
function acceptsWrites(kit: Kit): Promise<boolean> {
  const known = writeChecks.get(kit);
  const now = kit.now();
  if (known && now >= known.at && now < known.at + WRITE_INTERVAL) return known.result;
  const result = checkWritable(kit.db).then(
    () => true,
    (error: unknown) => {
      kit.log.error({ err: error }, 'the database accepts no writes');
      return false;
    },
  );
  writeChecks.set(kit, { at: now, result });
  return result;
}

function reply(status: number, body: Record<string, string>): PageReply {
  return { status, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body: JSON.stringify(body) };
}
