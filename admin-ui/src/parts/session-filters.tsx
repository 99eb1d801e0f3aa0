import { Bookmark, Columns3, Trash2, X } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../state/location.ts';
import { readViews, VIEW_MEMBERS, viewQuery, writeViews } from '../state/session-view.ts';
import { useTexts } from '../state/language.ts';
import { Menu } from './menu.tsx';
import { SearchField } from './search-field.tsx';
import { Select } from './select.tsx';
import { COLUMNS } from './session-table.tsx';
import { named } from '../texts/words.ts';

/** Search, filters, views and columns of the sessions; all of it lives in the address. */
export function SessionFilters() {
  const t = useTexts();
  const [query, go] = useQuery();
  const filter = (name: string) => (value: string) => go({ [name]: value, cursor: '' });
  const choice = (name: string, label: string, options: Readonly<Record<string, string>>) => (
    <Select
      label={label}
      value={query[name] ?? ''}
      options={[['', t.sessions.filters.any], ...Object.entries(options)]}
      onChoice={filter(name)}
    />
  );
  const states = Object.entries(t.sessions.states);
  return (
    <>
      <div class="bar">
        <SearchField
          label={t.sessions.search}
          hint={t.sessions.searchHint}
          value={query['q'] ?? ''}
          onSearch={(q) => go({ q, cursor: '' }, true)}
        />
        <Select
          label={t.sessions.filters.state}
          value={query['state'] ?? (query['revoked_kind'] ? 'revoked' : 'active')}
          options={states}
          onChoice={(state) => go({ state: state === 'active' ? '' : state, revoked_kind: '', cursor: '' })}
        />
        {choice('second_factor', t.sessions.filters.second, t.sessions.factor)}
        {choice('idle', t.sessions.filters.idle, t.sessions.idle)}
        {choice('created', t.sessions.filters.created, t.sessions.created)}
        <div class="menus">
          <Views />
          <ColumnsMenu />
        </div>
      </div>
      <Chips />
    </>
  );
}

/** The filters in force, each with a button that takes it away. */
function Chips() {
  const t = useTexts();
  const [query, go] = useQuery();
  const { filters, states, factor, idle, created, kinds } = t.sessions;
  const text: Record<string, (value: string) => string> = {
    q: (value) => t.sessions.quoted(value),
    state: (value) => `${filters.state}: ${named(states, value)}`,
    second_factor: (value) => named(factor, value),
    idle: (value) => named(idle, value),
    created: (value) => named(created, value),
    user: (value) => `${filters.user}: ${value.slice(0, 8)}…`,
    ip: (value) => `${filters.ip}: ${value}`,
    revoked_kind: (value) => `${filters.kind}: ${named(kinds, value)}`,
  };
  const set = Object.entries(text).flatMap(([name, say]) => (query[name] ? [{ name, text: say(query[name]) }] : []));
  if (set.length === 0) return null;
  return (
    <div class="chips">
      {set.map(({ name, text: each }) => (
        <button key={name} type="button" class="chip" aria-label={t.actions.remove(each)} onClick={() => go({ [name]: '', cursor: '' })}>
          {each}
          <X size={14} aria-hidden />
        </button>
      ))}
      <button type="button" class="plain" onClick={() => go({ ...Object.fromEntries(set.map(({ name }) => [name, ''])), cursor: '' })}>
        {t.actions.clear}
      </button>
    </div>
  );
}

const PRESETS = [
  { key: 'active', query: {} },
  { key: 'reuse', query: { revoked_kind: 'refresh_token_reused' } },
  { key: 'idle', query: { idle: '30d', sort: 'last_seen_at' } },
] as const;

function Views() {
  const t = useTexts();
  const [query, go] = useQuery();
  const [saved, setSaved] = useState(readViews);
  const [name, setName] = useState('');
  const keep = (views: typeof saved): void => {
    setSaved(views);
    writeViews(views);
  };
  const save = (event: Event): void => {
    event.preventDefault();
    if (name.trim() === '') return;
    const members = Object.fromEntries(VIEW_MEMBERS.flatMap((each) => (query[each] ? [[each, query[each]]] : [])));
    keep([...saved.filter((each) => each.name !== name.trim()), { name: name.trim(), query: members }]);
    setName('');
  };
  return (
    <Menu label={t.sessions.views} icon={<Bookmark size={16} aria-hidden />}>
      {(close) => (
        <>
          <ul>
            {[...PRESETS.map(({ key, query: members }) => ({ name: t.sessions.preset[key], query: members })), ...saved].map(
              (view, index) => (
                <li key={view.name} class="with-icon">
                  <button
                    type="button"
                    class="plain grow"
                    onClick={() => {
                      go(viewQuery(view.query));
                      close();
                    }}
                  >
                    {view.name}
                  </button>
                  {index >= PRESETS.length && (
                    <button
                      type="button"
                      class="icon"
                      aria-label={t.sessions.deleteView(view.name)}
                      onClick={() => keep(saved.filter((each) => each !== view))}
                    >
                      <Trash2 size={14} aria-hidden />
                    </button>
                  )}
                </li>
              ),
            )}
          </ul>
          <form class="with-icon" onSubmit={save}>
            <input
              aria-label={t.sessions.viewName}
              placeholder={t.sessions.saveView}
              maxLength={60}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <button type="submit">{t.actions.save}</button>
          </form>
        </>
      )}
    </Menu>
  );
}

function ColumnsMenu() {
  const t = useTexts();
  const [query, go] = useQuery();
  const hidden = hiddenColumns(query);
  const toggle = (name: string): void => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    go({ hide: [...next].join(',') }, true);
  };
  return (
    <Menu label={t.sessions.columns} icon={<Columns3 size={16} aria-hidden />}>
      {() =>
        COLUMNS.map((name) => (
          <label key={name} class="check">
            <input type="checkbox" checked={!hidden.has(name)} onInput={() => toggle(name)} /> {t.sessions.column[name]}
          </label>
        ))
      }
    </Menu>
  );
}

/** The columns that a view leaves out. */
export function hiddenColumns(query: Record<string, string>): Set<string> {
  return new Set((query['hide'] ?? '').split(',').filter(Boolean));
}
