import { useEffect, useMemo, useState } from 'preact/hooks';
import { readPage } from '../api/admin.ts';
import type { Session } from '../api/types.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { Pager } from '../parts/pager.tsx';
import { RevokeDialog, type Target } from '../parts/revoke-dialog.tsx';
import { hiddenColumns, SessionFilters } from '../parts/session-filters.tsx';
import { SessionTable } from '../parts/session-table.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { useQuery } from '../state/location.ts';
import { viewer } from '../state/session.ts';
import { countUsers, filterBody, filterOf } from '../state/session-view.ts';
import { loadTokenLife } from '../state/token-life.ts';
import { sayFailure } from '../state/toasts.ts';
import { useSessions } from '../state/use-sessions.ts';
import { t } from '../texts.ts';

const NONE: ReadonlySet<string> = new Set();

/** All sessions: found, looked at, revoked. */
export function Sessions() {
  const [query] = useQuery();
  const { hide: _, cursor = '', sort = '', ...filters } = query;
  const filterKey = JSON.stringify(filters);
  const sessions = useSessions(JSON.stringify([filters, cursor, sort]), () => ({ ...filterOf(query), cursor, sort }));
  const [selected, setSelected] = useState<ReadonlySet<string> | 'all'>(NONE);
  const [count, setCount] = useState<number | null>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const hidden = useMemo(() => hiddenColumns(query), [query['hide']]);
  const rows = sessions.data?.rows ?? [];

  useEffect(() => void loadTokenLife().catch(() => undefined), []);
  useEffect(() => {
    setSelected(NONE);
    setCount(null);
  }, [filterKey]);
  useEffect(() => setSelected((before) => (before === 'all' ? before : NONE)), [cursor, sort]);

  const countAll = async (): Promise<void> => {
    const { pagination } = await readPage<Session>('sessions', { ...filterOf(query), count: true, limit: 1 });
    setCount(pagination.count ?? 0);
  };
  const askFilter = async (): Promise<void> => setTarget(await filterTarget(query));
  const askSelected = (): void => {
    if (selected === 'all') void askFilter().catch(sayFailure);
    else setTarget({ kind: 'some', ids: [...selected], users: countUsers(rows.filter(({ id }) => selected.has(id))) });
  };
  const done = (ids: string[] | null, reason: string): void => {
    setTarget(null);
    setSelected(NONE);
    setCount(null);
    if (ids === null) return sessions.reload();
    const gone = new Set(ids);
    sessions.set((page) => ({ ...page, rows: page.rows.map((row) => (gone.has(row.id) ? revokedByMe(row, reason) : row)) }));
  };

  return (
    <>
      <PageTitle title={t.sessions.title}>
        {count !== null ? (
          <span class="muted">{t.sessions.counted(count)}</span>
        ) : (
          <button type="button" class="plain" onClick={() => void countAll().catch(sayFailure)}>
            {t.sessions.count}
          </button>
        )}
        {sessions.fresh > 0 && cursor === '' && (
          <button type="button" class="chip" onClick={sessions.reload}>
            {t.sessions.changed(sessions.fresh)}
          </button>
        )}
      </PageTitle>
      <SessionFilters />
      <Selection {...{ selected, setSelected, askSelected, count }} onAll={() => void countAll().catch(sayFailure)} any={rows.length > 0} />
      <Body sessions={sessions}>
        <SessionTable
          {...{ rows, hidden, selected }}
          onSelect={setSelected}
          onRevoke={(session) => setTarget({ kind: 'one', session })}
          changed={sessions.changed}
          busy={sessions.loading}
        />
        <Pager pagination={sessions.data?.pagination} />
      </Body>
      {target && (
        <RevokeDialog
          target={target}
          onClose={() => setTarget(null)}
          onDone={done}
          onStale={() => {
            setTarget(null);
            setCount(null);
            sessions.reload();
          }}
        />
      )}
    </>
  );
}

function Body({ sessions, children }: { sessions: ReturnType<typeof useSessions>; children: preact.ComponentChildren }) {
  if (sessions.error !== null) return <Failed error={sessions.error} retry={sessions.reload} />;
  if (!sessions.data) return <Loading rows={12} />;
  if (sessions.data.rows.length > 0) return <>{children}</>;
  return (
    <Empty title={t.sessions.empty}>
      <p>{t.sessions.emptyHint}</p>
    </Empty>
  );
}

function Selection(props: {
  selected: ReadonlySet<string> | 'all';
  setSelected: (selected: ReadonlySet<string> | 'all') => void;
  askSelected: () => void;
  count: number | null;
  onAll: () => void;
  any: boolean;
}) {
  const { selected, setSelected, askSelected, count, onAll, any } = props;
  const some = selected === 'all' || selected.size > 0;
  const all = (): void => {
    setSelected('all');
    if (count === null) onAll();
  };
  return (
    <div class="selection">
      <button type="button" class="danger-quiet" disabled={!some} onClick={askSelected}>
        {t.sessions.revokeSelected}
      </button>
      {selected === 'all' && <span>{count === null ? t.revoke.counting : t.sessions.allMatching(count)}</span>}
      {selected !== 'all' && some && <span>{t.sessions.selected(selected.size)}</span>}
      {selected !== 'all' && any && (
        <button type="button" class="plain" onClick={all}>
          {t.sessions.selectMatching}
        </button>
      )}
      {some && (
        <button type="button" class="plain" onClick={() => setSelected(NONE)}>
          {t.sessions.unselect}
        </button>
      )}
    </div>
  );
}

/** How many the filter would revoke now: without one's own session, and without those that have ended. */
async function filterTarget(query: Record<string, string>): Promise<Target> {
  const given = filterOf(query);
  // Of all states only what lives can be revoked, and only that is counted.
  const filter = { ...given, state: given['state'] === 'any' ? 'active' : given['state'] };
  const [all, own] = await Promise.all([readPage<Session>('sessions', { ...filter, count: true, limit: 1 }), ownMatches(filter)]);
  const { count = 0, users = 0 } = all.pagination;
  return { kind: 'filter', filter: filterBody(filter), count: count - own.sessions, users: users - own.users };
}

/** What of them is one's own session, and whether oneself is among their users for its sake alone. Of one's own sessions there are few. */
async function ownMatches(filter: ReturnType<typeof filterOf>): Promise<{ sessions: 0 | 1; users: 0 | 1 }> {
  const now = viewer.value;
  if (now.kind !== 'staff' || (filter['user'] && filter['user'] !== now.user.id)) return { sessions: 0, users: 0 };
  const { rows } = await readPage<Session>('sessions', { ...filter, user: now.user.id, limit: 200 });
  return rows.some(({ is_current }) => is_current) ? { sessions: 1, users: rows.length === 1 ? 1 : 0 } : { sessions: 0, users: 0 };
}

function revokedByMe(row: Session, reason: string): Session {
  const now = viewer.value;
  const me = now.kind === 'staff' ? now.user : null;
  const at = Math.floor(Date.now() / 1000);
  const note = reason || 'revoked';
  return {
    ...row,
    state: 'revoked',
    revoked_at: at,
    revoked_by: me?.id ?? null,
    revoked_by_user: me,
    revoked_reason: note,
    revoked_kind: 'revoked',
    live_refresh_tokens: 0,
  };
}
