import type { OutputOf } from '../../http/reply.ts';
import type { Kit } from '../../kit/kit.ts';
import { listAudit, type AuditEntry, type AuditFilter, type AuditPlace } from '../../store/lists/audit.ts';
import { toCsv } from '../csv.ts';
import type { AuditEvent, Party } from '../schemas.ts';

/** Events that an export reads at once. */
const BATCH = 500;

/** An event as the admin API shows it. */
type WireEvent = OutputOf<typeof AuditEvent>;

/** An event in the form of the wire. */
export function serializeEvent(entry: AuditEntry): WireEvent {
  const { id, type, createdAt, actorId, actorEmail, userId, userEmail, sid, ip, details } = entry;
  return {
    id,
    event: type,
    created_at: createdAt,
    actor: person(actorId, actorEmail),
    user: person(userId, userEmail),
    session_id: sid,
    ip,
    details,
  };
}

/** All events of a filter as JSON lines, newest first, read as they are sent. */
export async function* exportLines(kit: Kit, filter: AuditFilter): AsyncGenerator<string> {
  for await (const batch of batches(kit, filter)) yield batch.map((each) => `${JSON.stringify(each)}\n`).join('');
}

/** All events of a filter as CSV with a header. */
export async function* exportCsv(kit: Kit, filter: AuditFilter): AsyncGenerator<string> {
  yield toCsv([['id', 'event', 'time', 'created_at', 'actor_id', 'actor_email', 'user_id', 'user_email', 'session_id', 'ip', 'details']]);
  for await (const batch of batches(kit, filter)) {
    yield toCsv(
      batch.map((each) => [
        each.id,
        each.event,
        new Date(each.created_at * 1000).toISOString(),
        each.created_at,
        each.actor?.id ?? '',
        each.actor?.email ?? '',
        each.user?.id ?? '',
        each.user?.email ?? '',
        each.session_id ?? '',
        each.ip,
        JSON.stringify(each.details),
      ]),
    );
  }
}

async function* batches(kit: Kit, filter: AuditFilter): AsyncGenerator<WireEvent[]> {
  let after: AuditPlace | null = null;
  for (;;) {
    const entries: AuditEntry[] = await listAudit(kit.db, filter, { limit: BATCH, after });
    if (entries.length > 0) yield entries.map(serializeEvent);
    after = entries.at(-1) ?? null;
    if (entries.length < BATCH) return;
  }
}

function person(id: string | null, email: string | null): OutputOf<typeof Party> | null {
  return id === null ? null : { id, email };
}
