import type { EventRecord } from '../../contracts/records.ts';
import type { Database } from '../engine/database.ts';
import { EVENT_COLUMNS, eventOf } from '../events.ts';
import { browse, fragment, joined, type Fragment } from '../engine/fragments.ts';
import { textOrNull } from '../engine/statements.ts';

export interface AuditFilter {
  /** The user that the event is about. */
  userId?: string;
  type?: string;
  /** The session that the event is about. */
  sid?: string;
  /** The IP address of the client. */
  ip?: string;
  /** Unix seconds, inclusive. */
  after?: number;
  /** Unix seconds, exclusive. */
  before?: number;
}

/** A position in the log: that of one event. */
export interface AuditPlace {
  createdAt: number;
  id: number;
}

export interface AuditPage {
  limit: number;
  /** Start after this event in the chosen order; default: at the first one. */
  after?: AuditPlace | null;
  /** Newest first; default: true. */
  descending?: boolean;
}

/** An event with the current primary addresses of its user and its actor. */
export interface AuditEntry extends EventRecord {
  userEmail: string | null;
  actorEmail: string | null;
}

const COLUMNS = EVENT_COLUMNS.split(', ').map((name) => `e.${name}`);

/** A page of the audit log; each filter has an index. */
export async function listAudit(db: Database, filter: AuditFilter, page: AuditPage): Promise<AuditEntry[]> {
  const { limit, after, descending = true } = page;
  const behind = after ? [fragment(`(e.created_at, e.id) ${descending ? '<' : '>'} (?, ?)`, after.createdAt, after.id)] : [];
  const where = joined([...filterParts(filter), ...behind], ' AND ');
  const way = descending ? 'DESC' : 'ASC';
  const rows = await browse(
    db,
    fragment(
      `SELECT ${COLUMNS.join(', ')}, about.email AS user_email, acting.email AS actor_email FROM events AS e
       LEFT JOIN emails AS about ON about.user_id = e.user_id AND about.is_primary
       LEFT JOIN emails AS acting ON acting.user_id = e.actor_id AND acting.is_primary
       WHERE ${where.sql} ORDER BY e.created_at ${way}, e.id ${way} LIMIT ?`,
      ...where.values,
      limit,
    ),
  );
  return rows.map((row) => ({ ...eventOf(row), userEmail: textOrNull(row, 'user_email'), actorEmail: textOrNull(row, 'actor_email') }));
}

/** The number of matching events. Counts them one by one, so call it only on demand. */
export async function countAudit(db: Database, filter: AuditFilter): Promise<number> {
  const where = joined(filterParts(filter), ' AND ');
  const [row = {}] = await browse(db, fragment(`SELECT count(*) AS n FROM events AS e WHERE ${where.sql}`, ...where.values));
  return Number(row['n']);
}

function filterParts({ userId, type, sid, ip, after, before }: AuditFilter): Fragment[] {
  return [
    fragment('1 = 1'),
    ...(userId === undefined ? [] : [fragment('e.user_id = ?', userId)]),
    ...(type === undefined ? [] : [fragment('e.type = ?', type)]),
    ...(sid === undefined ? [] : [fragment('e.sid = ?', sid)]),
    ...(ip === undefined ? [] : [fragment('e.ip = ?', ip)]),
    ...(after === undefined ? [] : [fragment('e.created_at >= ?', after)]),
    ...(before === undefined ? [] : [fragment('e.created_at < ?', before)]),
  ];
}
