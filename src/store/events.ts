import type { EventRecord, EventType } from '../contracts/records.ts';
import type { Database } from './engine/database.ts';
import { browse, fragment, joined } from './engine/fragments.ts';
import { numberOf, statement, textOf, textOrNull, type Row } from './engine/statements.ts';

export interface EventFilter {
  limit: number;
  /** The user that the event is about. */
  userId?: string;
  type?: EventType;
  /** The session that the event is about. */
  sid?: string;
  /** Only events older than the one with this id, the last of the previous page. */
  beforeId?: number;
}

/** The columns of an event that `eventOf` reads. */
export const EVENT_COLUMNS = 'id, type, created_at, user_id, actor_id, sid, ip, details';

const INSERT = statement(
  'events_insert',
  `INSERT INTO events (type, created_at, user_id, actor_id, sid, ip, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id`,
);

const LATEST = statement('events_latest', `SELECT ${EVENT_COLUMNS} FROM events WHERE type = ?1 ORDER BY id DESC LIMIT 1`);

/** Adds events to the audit log, all or none, and returns them with their ids. */
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
export async function listEvents(db: Database, { limit, userId, type, sid, beforeId }: EventFilter): Promise<EventRecord[]> {
  const parts = [
    fragment('1 = 1'),
    ...(userId === undefined ? [] : [fragment('user_id = ?', userId)]),
    ...(type === undefined ? [] : [fragment('type = ?', type)]),
    ...(sid === undefined ? [] : [fragment('sid = ?', sid)]),
    ...(beforeId === undefined ? [] : [fragment('id < ?', beforeId)]),
  ];
  const where = joined(parts, ' AND ');
  const sql = `SELECT ${EVENT_COLUMNS} FROM events WHERE ${where.sql} ORDER BY id DESC LIMIT ?`;
  return (await browse(db, fragment(sql, ...where.values, limit))).map(eventOf);
}

/** The newest event of a type; `null` if there is none. */
export async function findLatestEvent(db: Database, type: EventType): Promise<EventRecord | null> {
  const [row] = await db.all(LATEST, [type]);
  return row ? eventOf(row) : null;
}

/** The event of a row with EVENT_COLUMNS. */
export function eventOf(row: Row): EventRecord {
  return {
    id: numberOf(row, 'id'),
    type: textOf(row, 'type') as EventType, // written from a record, like the details
    createdAt: numberOf(row, 'created_at'),
    userId: textOrNull(row, 'user_id'),
    actorId: textOrNull(row, 'actor_id'),
    sid: textOrNull(row, 'sid'),
    ip: textOf(row, 'ip'),
    details: JSON.parse(textOf(row, 'details')) as Record<string, unknown>,
  };
}
