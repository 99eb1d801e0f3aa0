import { X } from 'lucide-preact';
import { useQuery } from '../state/location.ts';
import { t } from '../texts.ts';
import { SearchField } from './search-field.tsx';
import { Select } from './select.tsx';

/** What of the audit log is shown. */
export function AuditFilters() {
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
        <SearchField label={t.audit.ip} hint={t.audit.ip} value={query['ip'] ?? ''} onSearch={(ip) => go({ ip, cursor: '' }, true)} />
      </div>
      {set.length > 0 && (
        <div class="chips">
          {set.map((name) => {
            const text = `${t.audit[name]}: ${(query[name] ?? '').slice(0, 8)}…`;
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
