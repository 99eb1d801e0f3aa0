import type { EventRecord } from '../contracts/records.ts';
import type { Database } from './database.ts';
import { EVENT_COLUMNS, eventOf } from './events.ts';
import { textOrNull, type Row } from './statements.ts';

export interface AuditFilter {
  /** Whom it is about. */
  userId?: string;
  type?: string;
  /** The session that it is about. */
  sid?: string;
  /** From where. */
  ip?: string;
  /** Unix seconds; from this one on. */
  after?: number;
  /** Unix seconds; up to, and without, this one. */
  before?: number;
}

/** A place in the log: that of one event. */
export interface AuditPlace {
  createdAt: number;
  id: number;
}

export interface AuditPage {
  limit: number;
  /** Only what is older than this; default: from the newest on. */
  olderThan?: AuditPlace;
  /** Only what is newer than this, the nearest to it; given newest first all the same. */
  newerThan?: AuditPlace;
}

/** An event with the primary addresses of both whom it is about and who did it, where they are still there. */
export interface AuditEntry extends EventRecord {
  userEmail: string | null;
  actorEmail: string | null;
}

const COLUMNS = EVENT_COLUMNS.split(', ').map((name) => `e.${name}`);

/** A page of the audit log, newest first; with an index for each filter, wherever in the log it is. */
export async function listAudit(db: Database, filter: AuditFilter, page: AuditPage): Promise<AuditEntry[]> {
  const { userId, type, sid, ip, after, before } = filter;
  const direction = page.newerThan ? 'asc' : 'desc';
  const query = db
    .knex<Row>('events as e')
    .select(db.knex.raw(`${COLUMNS.join(', ')}, about.email AS user_email, acting.email AS actor_email`))
    .joinRaw('LEFT JOIN emails AS about ON about.user_id = e.user_id AND about.is_primary')
    .joinRaw('LEFT JOIN emails AS acting ON acting.user_id = e.actor_id AND acting.is_primary')
    .orderBy([
      { column: 'e.created_at', order: direction },
      { column: 'e.id', order: direction },
    ])
    .limit(page.limit);
  if (userId !== undefined) void query.where('e.user_id', userId);
  if (type !== undefined) void query.where('e.type', type);
  if (sid !== undefined) void query.where('e.sid', sid);
  if (ip !== undefined) void query.where('e.ip', ip);
  if (after !== undefined) void query.where('e.created_at', '>=', after);
  if (before !== undefined) void query.where('e.created_at', '<', before);
  const { olderThan, newerThan } = page;
  if (olderThan) void query.whereRaw('(e.created_at, e.id) < (?, ?)', [olderThan.createdAt, olderThan.id]);
  if (newerThan) void query.whereRaw('(e.created_at, e.id) > (?, ?)', [newerThan.createdAt, newerThan.id]);
  const rows = (await query) as Row[];
  const entries = rows.map((row) => ({
    ...eventOf(row),
    userEmail: textOrNull(row, 'user_email'),
    actorEmail: textOrNull(row, 'actor_email'),
  }));
  return page.newerThan ? entries.reverse() : entries;
}
