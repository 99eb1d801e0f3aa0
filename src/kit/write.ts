import type { EventRecord, EventType } from '../contracts/records.ts';
import type { Database } from '../store/engine/database.ts';
import { insertEvents } from '../store/events.ts';
import { insertMail, type OutboxMail } from '../store/outbox.ts';
import type { Kit } from './kit.ts';
import { wakeOutbox } from './outbox.ts';

/** Who causes a change; a `Request` fits. */
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

/** What an event says beyond its origin. */
export interface EventSubject {
  /** Whom it is about. */
  userId: string | null;
  /** Who did it, where that is not whom it is about or the origin's user; default: the origin's user, else `userId`. */
  actorId?: string | null;
  /** The session that it is about; default: the origin's. */
  sid?: string | null;
  details?: EventDetails;
}

export interface Writing {
  db: Database;
  /** Unix seconds. */
  readonly now: () => number;
  /** Adds a line to the audit log in this same transaction. `details` must hold no secret. */
  readonly record: (type: EventType, subject: EventSubject) => void;
  /** Has a mail sent once this is committed: what `composeMail` made, before the transaction. */
  readonly post: (mail: OutboxMail) => void;
}

/**
 * The one door for changes that belong together: all that `work` does is kept, or nothing.
 * Inside it use `db` alone (SQLite lends one connection for writing) and do nothing slow: hash and sign before, tell after.
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
    events.length = mails.length = 0; // the store may run the work again after a serialization failure
    const done = await work({ db, now: kit.now, record, post: (mail) => void mails.push(mail) });
    for (const mail of mails) await insertMail(db, mail, kit.now());
    return [done, events.length > 0 ? await insertEvents(db, events) : []] as const;
  });
  if (mails.length > 0) wakeOutbox(kit);
  if (stored.length > 0) for (const listener of kit.onEvents) listener(stored);
  return result;
}
