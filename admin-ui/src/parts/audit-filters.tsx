import { X } from 'lucide-preact';
import type { AuditEvent } from '../api/types.ts';
import { useQuery } from '../state/location.ts';
import { useTexts } from '../state/language.ts';
import { SearchField } from './search-field.tsx';
import { Select } from './select.tsx';

/** The filters of the audit log. `rows`: the events on the page, which may contain the address of the filtered user. */
export function AuditFilters({ rows }: { rows: readonly AuditEvent[] }) {
  const t = useTexts();
  const [query, go] = useQuery();
  const choose = (name: string) => (value: string) => go({ [name]: value, cursor: '' });
  const set = (['user', 'session'] as const).filter((name) => query[name]);
  return (
    <>
      <div class="bar">
        <Select
          label={t.audit.event}
          value={query['event'] ?? ''}
          options={[['', t.audit.all], ...Object.entries(t.audit.events)]}
          onChoice={choose('event')}
        />
        <Select
          label={t.audit.period}
          value={query['period'] ?? ''}
          options={[['', t.sessions.filters.any], ...Object.entries(t.audit.periods)]}
          onChoice={choose('period')}
        />
        <SearchField label={t.audit.ip} hint={t.audit.ipHint} value={query['ip'] ?? ''} onSearch={(ip) => go({ ip, cursor: '' }, true)} />
      </div>
      {set.length > 0 && (
        <div class="chips">
          {set.map((name) => {
            const text = `${t.audit[name]}: ${nameOf(name, query[name] ?? '', rows)}`;
            return (
              <button key={name} type="button" class="chip" aria-label={t.actions.remove(text)} onClick={() => choose(name)('')}>
                {text}
                <X size={14} aria-hidden />
              </button>
            );
          })}
        </div>
      )}
    </>
  );
}

/** The address of the person that a filter names, or whose session it does; the beginning of the id where no row tells it. */
function nameOf(filter: 'user' | 'session', id: string, rows: readonly AuditEvent[]): string {
  const short = `${id.slice(0, 8)}…`;
  if (filter === 'user') return rows.find(({ user }) => user?.id === id && user.email)?.user?.email ?? short;
  const of = rows.find(({ session_id, user }) => session_id === id && user?.email)?.user?.email;
  return of ? `${of} (${short})` : short;
}
