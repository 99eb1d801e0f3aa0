import { ChevronDown, ChevronRight, Download } from 'lucide-preact';
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { readPage, search } from '../api/admin.ts';
import { ADMIN } from '../api/client.ts';
import type { AuditEvent, Person } from '../api/types.ts';
import { AuditFilters } from '../parts/audit-filters.tsx';
import { Facts } from '../parts/facts.tsx';
import { detailName, detailValue } from '../parts/event-list.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { exactTime, Time } from '../parts/time.tsx';
import { auditFilterOf } from '../state/audit-view.ts';
import { pathTo, useQuery } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { useTexts } from '../state/language.ts';
import { named } from '../texts/words.ts';

/** The audit log: filtered, opened, taken away as a file. */
export function Audit() {
  const t = useTexts();
  const [query] = useQuery();
  const filter = auditFilterOf(query);
  const { cursor = '' } = query;
  const events = useResource(JSON.stringify([filter, cursor]), (signal) => readPage('audit', { ...filter, cursor }, signal));
  const exported = (format: string): string => `${ADMIN}audit/export${search({ ...filter, format })}`;
  return (
    <>
      <PageTitle title={t.audit.title}>
        <span class="grow" />
        <a class="button" href={exported('csv')} download="audit.csv">
          <Download size={16} aria-hidden /> {t.audit.csv}
        </a>
        <a class="button" href={exported('jsonl')} download="audit.jsonl">
          <Download size={16} aria-hidden /> {t.audit.jsonl}
        </a>
      </PageTitle>
      <AuditFilters rows={events.data?.rows ?? []} />
      {events.error !== null && <Failed error={events.error} retry={events.reload} />}
      {events.error === null && !events.data && <Loading rows={12} />}
      {events.data?.rows.length === 0 && <Empty title={t.audit.empty} />}
      {events.error === null && events.data && events.data.rows.length > 0 && <EventTable rows={events.data.rows} busy={events.loading} />}
      <Pager pagination={events.data?.pagination} />
    </>
  );
}

function EventTable({ rows, busy }: { rows: readonly AuditEvent[]; busy: boolean }) {
  const t = useTexts();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const { column } = t.audit;
  const toggle = (id: number): void => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div class="table-box">
      <table aria-label={t.audit.title} aria-busy={busy}>
        <thead>
          <tr>
            <th scope="col">{column.event}</th>
            <th scope="col">{column.user}</th>
            <th scope="col">{column.actor}</th>
            <th scope="col">{column.ip}</th>
            <th scope="col">{column.time}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={row.id}>
              <tr>
                <td class="person">
                  <Expander event={row.event} open={open.has(row.id)} onToggle={() => toggle(row.id)} />
                </td>
                <td data-label={column.user}>
                  <PersonLink person={row.user} />
                </td>
                <td data-label={column.actor}>
                  {row.actor ? <PersonLink person={row.actor} /> : <span class="muted">{t.audit.server}</span>}
                </td>
                <td data-label={column.ip} class="mono">
                  {row.ip}
                </td>
                <td data-label={column.time}>
                  <Time at={row.created_at} />
                </td>
              </tr>
              {open.has(row.id) && (
                <tr class="opened">
                  <td colSpan={5}>
                    <EventDetails event={row} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Expander({ event, open, onToggle }: { event: string; open: boolean; onToggle: () => void }) {
  const t = useTexts();
  const name = named(t.audit.events, event);
  return (
    <span class="with-icon">
      <button type="button" class="icon" aria-expanded={open} aria-label={t.audit.details(name)} onClick={onToggle}>
        {open ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
      </button>
      <span class={`dot ${event}`} aria-hidden="true" />
      {name}
    </span>
  );
}

function EventDetails({ event: { id, session_id, created_at, details } }: { event: AuditEvent }) {
  const t = useTexts();
  return (
    <Facts
      facts={[
        [t.audit.id, id],
        [t.audit.column.time, exactTime(created_at)],
        [t.audit.session, session_id && <a href={pathTo(`sessions/${session_id}`)}>{session_id}</a>],
        ...Object.entries(details).map(([name, value]) => [detailName(name), detailValue(name, value)] as const),
      ]}
    />
  );
}

function PersonLink({ person }: { person: Person | null }) {
  if (!person) return <span class="muted">–</span>;
  return <a href={pathTo(`users/${person.id}`)}>{person.email ?? person.id.slice(0, 8)}</a>;
}
