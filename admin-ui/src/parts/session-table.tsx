import { ArrowDown, ArrowUp } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import type { Session } from '../api/types.ts';
import { pathTo, useQuery } from '../state/location.ts';
import { canSelect } from '../state/session-view.ts';
import { useTexts } from '../state/language.ts';
import { Device, Fate, Methods, nameOf, SessionLink } from './session-bits.tsx';
import { Time } from './time.tsx';

/** The columns that can be hidden, in their order. */
export const COLUMNS = ['device', 'method', 'ip', 'started', 'seen', 'expires', 'state'] as const;

const CELLS: Record<(typeof COLUMNS)[number], (session: Session) => ComponentChildren> = {
  device: ({ client, user_agent }) => <Device client={client} agent={user_agent} />,
  method: (session) => <Methods session={session} />,
  ip: ({ ip }) => (
    <a class="quiet mono" href={pathTo('sessions', { ip, state: 'any' })}>
      {ip}
    </a>
  ),
  started: ({ created_at }) => <Time at={created_at} />,
  seen: ({ last_seen_at }) => <Time at={last_seen_at} />,
  expires: ({ expires_at }) => <Time at={expires_at} />,
  state: (session) => <Fate session={session} />,
};

/** The sorts that the API has, by column. */
const SORTS: Partial<Record<(typeof COLUMNS)[number], string>> = { started: 'created_at', seen: 'last_seen_at' };

export interface SessionTableProps {
  rows: readonly Session[];
  hidden: ReadonlySet<string>;
  /** Ids that are selected; 'all' when the filter itself is. */
  selected: ReadonlySet<string> | 'all';
  /** In which state those are that the filter selects; null: none. */
  together: Session['state'] | null;
  onSelect: (selected: ReadonlySet<string>) => void;
  onRevoke: (session: Session) => void;
  changed: ReadonlySet<string>;
  busy: boolean;
}

/** The sessions of a page. */
export function SessionTable({ rows, hidden, selected, together, onSelect, onRevoke, changed, busy }: SessionTableProps) {
  const t = useTexts();
  const shown = COLUMNS.filter((name) => !hidden.has(name));
  const selectable = rows.filter(canSelect);
  const isSelected = (row: Session): boolean => canSelect(row) && (selected === 'all' ? row.state === together : selected.has(row.id));
  const all = selectable.length > 0 && selectable.every(isSelected);
  const ids = selected === 'all' ? new Set(selectable.filter(isSelected).map(({ id }) => id)) : selected;
  const toggle = (id: string): void => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  return (
    <div class="table-box">
      <table aria-label={t.sessions.title} aria-busy={busy}>
        <thead>
          <tr>
            <th class="tick" scope="col">
              <input
                type="checkbox"
                aria-label={t.sessions.selectAll}
                checked={all}
                disabled={selectable.length === 0}
                onInput={() => onSelect(all ? new Set() : new Set(selectable.map(({ id }) => id)))}
              />
            </th>
            <th scope="col">{t.sessions.column.person}</th>
            {shown.map((name) => (
              <SortHead key={name} name={name} />
            ))}
            <th scope="col" class="end">
              <span class="visually-hidden">{t.sessions.column.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} class={[row.state, changed.has(row.id) ? 'changed' : ''].join(' ')} aria-selected={undefined}>
              <td class="tick">
                <input
                  type="checkbox"
                  aria-label={t.sessions.select(nameOf(row))}
                  checked={isSelected(row)}
                  disabled={!canSelect(row)}
                  onInput={() => toggle(row.id)}
                />
              </td>
              <td class="person">
                <SessionLink session={row} />
              </td>
              {shown.map((name) => (
                <td key={name} class={name} data-label={t.sessions.column[name]}>
                  {CELLS[name](row)}
                </td>
              ))}
              <td class="end">
                {(canSelect(row) || row.is_current) && (
                  <button type="button" class="small" onClick={() => onRevoke(row)}>
                    {t.sessions.revoke}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SortHead({ name }: { name: (typeof COLUMNS)[number] }) {
  const t = useTexts();
  const [query, go] = useQuery();
  const by = SORTS[name];
  if (by === undefined) return <th scope="col">{t.sessions.column[name]}</th>;
  const sort = query['sort'] ?? '-created_at';
  const [up, down] = [sort === by, sort === `-${by}`];
  const next = down ? by : `-${by}`;
  return (
    <th scope="col" aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}>
      <button type="button" class="sort" onClick={() => go({ sort: next === '-created_at' ? '' : next, cursor: '' })}>
        {t.sessions.column[name]}
        {up && <ArrowUp size={14} aria-hidden />}
        {down && <ArrowDown size={14} aria-hidden />}
      </button>
    </th>
  );
}
