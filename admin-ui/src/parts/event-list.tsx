import type { Person } from '../api/types.ts';
import { pathTo } from '../state/location.ts';
import { texts, useTexts } from '../state/language.ts';
import { exactTime, Time } from './time.tsx';
import { named } from '../texts/words.ts';

export interface ListedEvent {
  id: number;
  event: string;
  created_at: number;
  actor: Person | null;
  ip: string;
  details: Record<string, unknown>;
}

export interface EventListProps {
  events: readonly ListedEvent[];
  /** Whose events they are: who else acted is named. */
  userId: string | undefined;
  empty: string;
}

/** Events, newest first, each with what it says of itself. */
export function EventList({ events, userId, empty }: EventListProps) {
  const t = useTexts();
  if (events.length === 0) return <p class="muted">{empty}</p>;
  return (
    <ol class="events">
      {events.map(({ id, event, created_at, actor, ip, details }) => (
        <li key={id}>
          <span class={`dot ${event}`} aria-hidden="true" />
          <strong>{named(t.audit.events, event)}</strong> <Time at={created_at} /> {ip && <code>{ip}</code>}{' '}
          {actor && actor.id !== userId && (
            <a href={pathTo(`users/${actor.id}`)}>{t.sessions.endedBy(actor.email ?? actor.id.slice(0, 8))}</a>
          )}
          {Object.keys(details).length > 0 && <small class="muted">{inWords(details)}</small>}
        </li>
      ))}
    </ol>
  );
}

/** "Reason: stolen laptop, Sessions: 3". */
export function inWords(details: Record<string, unknown>): string {
  return Object.entries(details)
    .map(([name, value]) => `${detailName(name)}: ${detailValue(name, value)}`)
    .join(', ');
}

/** What a detail of an event is called; one that only the server knows keeps its name. */
export function detailName(name: string): string {
  const t = texts();
  return named(t.audit.detail, name);
}

/** Details that are times, in Unix seconds. */
const TIMES: ReadonlySet<string> = new Set(['signs_from', 'after', 'before']);

export function detailValue(name: string, value: unknown): string {
  const t = texts();
  if (typeof value === 'boolean') return value ? t.audit.yes : t.audit.no;
  if (typeof value === 'number' && TIMES.has(name)) return exactTime(value);
  if (typeof value === 'string') return name === 'client' ? named(t.session.kinds, value) : value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? inWords({ ...value }) : JSON.stringify(value);
}
