import type { EventRecord, EventType } from '../contracts/records.ts';
import type { Database } from '../store/engine/database.ts';
import { insertEvents } from '../store/events.ts';
import { insertMail, type OutboxMail } from '../store/outbox.ts';
import type { Kit } from './kit.ts';
import { wakeOutbox } from './outbox.ts';

/** Who makes a change. A `Request` is one. */
export interface Origin {
  readonly ip: string;
  readonly user: { readonly id: string } | null;
  readonly session: { readonly sid: string } | null;
}

/** The server itself: the command line, background work. */
export const SERVER_ORIGIN: Origin = { ip: '', user: null, session: null };

export interface EventDetails {
  [name: string]: unknown;
}

/** The content of an event apart from its origin. */
export interface EventSubject {
  /** The user that the event is about. */
  userId: string | null;
  /** The user who made the change; default: the origin's user, otherwise `userId`. */
  actorId?: string | null;
  /** The session that the event is about; default: the origin's. */
  sid?: string | null;
  details?: EventDetails;
}

export interface Writing {
  db: Database;
  /** Unix seconds. */
  readonly now: () => number;
  /** Adds an event to the audit log, in the same transaction. `details` must not contain secrets. */
  readonly record: (type: EventType, subject: EventSubject) => void;
  /** Sends a mail after the commit. Call `composeMail` before the transaction. */
  readonly post: (mail: OutboxMail) => void;
}

/**
 * Runs `work` in a transaction, with its audit events and mails. Inside it, use only `db` (SQLite has one connection for writing) and do nothing slow:
 * hash and sign before, notify afterwards.
 */
export async function write<Result>(kit: Kit, origin: Origin, work: (writing: Writing) => Promise<Result>): Promise<Result> {
  const events: Omit<EventRecord, 'id'>[] = [];
  const record: Writing['record'] = (type, { userId, actorId, sid, details }) => {
    events.push({
      type,
      userId,
      actorId: actorId !== undefined ? actorId : (origin.user?.id ?? userId),
      sid: sid !== undefined ? sid : (origin.session?.sid ?? null),
      ip: origin.ip,
      createdAt: kit.now(),
      details: details ?? {},
    });
  };
  const mails: OutboxMail[] = [];
  const [result, stored] = await kit.db.transaction(async (db) => {
    events.length = mails.length = 0; // the store retries the work after a serialization failure
    const done = await work({ db, now: kit.now, record, post: (mail) => void mails.push(mail) });
    for (const mail of mails) await insertMail(db, mail, kit.now());
    return [done, events.length > 0 ? await insertEvents(db, events) : []] as const;
  });
  if (mails.length > 0) wakeOutbox(kit);
  if (stored.length > 0) for (const listener of kit.onEvents) listener(stored);
  return result;
}
