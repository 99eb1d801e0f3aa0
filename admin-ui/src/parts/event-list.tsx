import { t } from '../texts.ts';
import { Time } from './time.tsx';

export interface ListedEvent {
  id: number;
  event: string;
  created_at: number;
  ip: string;
  details: Record<string, unknown>;
}

/** Events, newest first, each with what it says of itself. */
export function EventList({ events, empty }: { events: readonly ListedEvent[]; empty: string }) {
  if (events.length === 0) return <p class="muted">{empty}</p>;
  return (
    <ol class="events">
      {events.map(({ id, event, created_at, ip, details }) => (
        <li key={id}>
          <span class={`dot ${event}`} aria-hidden="true" />
          <strong>{t.audit.events[event] ?? event}</strong> <Time at={created_at} /> {ip && <code>{ip}</code>}
          {Object.keys(details).length > 0 && <small class="muted">{inWords(details)}</small>}
        </li>
      ))}
    </ol>
  );
}

/** "reason: stolen laptop, sessions: 3". */
export function inWords(details: Record<string, unknown>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
