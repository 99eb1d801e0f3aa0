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
import { canSelect, countUsers, filterBody, filterOf, revocableState } from '../state/session-view.ts';
import { loadTokenLife } from '../state/token-life.ts';
import { say, sayFailure } from '../state/toasts.ts';
import { useSessions } from '../state/use-sessions.ts';
import { useTexts } from '../state/language.ts';

const NONE: ReadonlySet<string> = new Set();

/** All sessions: found, looked at, revoked. */
export function Sessions() {
  const t = useTexts();
  const [query] = useQuery();
  const { hide: _, cursor = '', sort = '', ...filters } = query;
  const filterKey = JSON.stringify(filters);
  const sessions = useSessions(JSON.stringify([filters, cursor, sort]), () => ({ ...filterOf(query), cursor, sort }));
  const [selected, setSelected] = useState<ReadonlySet<string> | 'all'>(NONE);
  const [count, setCount] = useState<number | null>(null);
  /** How many of those that match can be revoked; null: not asked. */
  const [matching, setMatching] = useState<number | null>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const hidden = useMemo(() => hiddenColumns(query), [query['hide']]);
  const rows = sessions.data?.rows ?? [];

  useEffect(() => void loadTokenLife().catch(() => undefined), []);
  useEffect(() => {
    setSelected(NONE);
    setCount(null);
    setMatching(null);
  }, [filterKey]);
  useEffect(() => setSelected((before) => (before === 'all' ? before : NONE)), [cursor, sort]);

  const countAll = async (): Promise<void> => {
    const { pagination } = await readPage('sessions', { ...filterOf(query), count: true, limit: 1 });
    setCount(pagination.count ?? 0);
  };
  const together = revocableState(filterOf(query));
  const countMatching = async (): Promise<void> => setMatching((await filterTarget(query)).count);
  const askFilter = async (): Promise<void> => {
    const found = await filterTarget(query);
    setMatching(found.count);
    if (found.count > 0) setTarget(found);
    else say(t.revoke.nothing);
  };
  const askSelected = (): void => {
    if (selected === 'all') void askFilter().catch(sayFailure);
    else setTarget({ kind: 'some', ids: [...selected], users: countUsers(rows.filter(({ id }) => selected.has(id))) });
  };
  const done = (ids: string[] | null, reason: string): void => {
    setTarget(null);
    setSelected(NONE);
    setCount(null);
    setMatching(null);
    const gone = new Set(ids);
    const isGone = (row: Session): boolean => (ids === null ? canSelect(row) && row.state === together : gone.has(row.id));
    sessions.set((page) => ({ ...page, rows: page.rows.map((row) => (isGone(row) ? revokedByMe(row, reason) : row)) }));
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
      <Selection
        {...{ selected, setSelected, askSelected, matching }}
        onAll={() => void countMatching().catch(sayFailure)}
        any={rows.length > 0 && together !== null}
      />
      <Body sessions={sessions}>
        <SessionTable
          {...{ rows, hidden, selected, together }}
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
            setMatching(null);
            sessions.reload();
          }}
        />
      )}
    </>
  );
}

function Body({ sessions, children }: { sessions: ReturnType<typeof useSessions>; children: preact.ComponentChildren }) {
  const t = useTexts();
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
  matching: number | null;
  onAll: () => void;
  any: boolean;
}) {
  const t = useTexts();
  const { selected, setSelected, askSelected, matching, onAll, any } = props;
  const some = selected === 'all' || selected.size > 0;
  const all = (): void => {
    setSelected('all');
    onAll();
  };
  return (
    <div class="selection">
      <button type="button" class="danger-quiet" disabled={!some} onClick={askSelected}>
        {t.sessions.revokeSelected}
      </button>
      {selected === 'all' && <span>{matching === null ? t.revoke.counting : t.sessions.allMatching(matching)}</span>}
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
async function filterTarget(query: Record<string, string>): Promise<Extract<Target, { kind: 'filter' }>> {
  const given = filterOf(query);
  const filter = { ...given, state: revocableState(given) ?? given['state'] };
  const [all, own] = await Promise.all([readPage('sessions', { ...filter, count: true, limit: 1 }), ownMatches(filter)]);
  const { count = 0, users = 0 } = all.pagination;
  return { kind: 'filter', filter: filterBody(filter), count: count - own.sessions, users: users - own.users };
}

/** What of them is one's own session, and whether oneself is among their users for its sake alone. Of one's own sessions there are few. */
async function ownMatches(filter: ReturnType<typeof filterOf>): Promise<{ sessions: 0 | 1; users: 0 | 1 }> {
  const now = viewer.value;
  if (now.kind !== 'staff' || (filter['user'] && filter['user'] !== now.user.id)) return { sessions: 0, users: 0 };
  const { rows } = await readPage('sessions', { ...filter, user: now.user.id, limit: 200 });
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
    revoked_by_user: me && { ...me, display: me.display ?? me.email ?? me.id },
    revoked_reason: note,
    revoked_kind: 'revoked',
    live_refresh_tokens: 0,
  };
}
