import type { EventRecord, EventType } from '../contracts/records.ts';
import type { Database } from './database.ts';
import { numberOf, statement } from './statements.ts';

export interface EventFilter {
  limit: number;
  /** Whom it is about. */
  userId?: string;
  type?: EventType;
  /** Only what is older than the event with this id: the last one of the page before. */
  beforeId?: number;
}

interface EventRow {
  id: number;
  type: EventType;
  created_at: number;
  user_id: string | null;
  actor_id: string | null;
  sid: string | null;
  ip: string;
  details: string;
}

const INSERT = statement(
  'events_insert',
  `INSERT INTO events (type, created_at, user_id, actor_id, sid, ip, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id`,
);

/** Adds lines to the audit log, all or none, and gives them back with their ids. */
export async function insertEvents(db: Database, events: readonly Omit<EventRecord, 'id'>[]): Promise<EventRecord[]> {
  if (events.length === 0) return [];
  const steps = events.map(({ type, createdAt, userId, actorId, sid, ip, details }) => ({
    statement: INSERT,
    values: [type, createdAt, userId, actorId, sid, ip, JSON.stringify(details)],
  }));
  const rows = await db.writeUnit(steps);
  return events.map((event, index) => ({ ...event, id: numberOf(rows[index]?.[0] ?? {}, 'id') }));
}

/** A page of the audit log, newest first. */
export async function listEvents(db: Database, { limit, userId, type, beforeId }: EventFilter): Promise<EventRecord[]> {
  const query = db.knex<EventRow>('events').select('*').orderBy('id', 'desc').limit(limit);
  if (userId !== undefined) void query.where('user_id', userId);
  if (type !== undefined) void query.where('type', type);
  if (beforeId !== undefined) void query.where('id', '<', beforeId);
  return (await query).map(eventOf);
}

function eventOf(row: EventRow): EventRecord {
  return {
    id: row.id,
    type: row.type,
    createdAt: row.created_at,
    userId: row.user_id,
    actorId: row.actor_id,
    sid: row.sid,
    ip: row.ip,
    details: JSON.parse(row.details) as Record<string, unknown>, // written by insertEvents
  };
}
