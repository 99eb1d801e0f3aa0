import { UserPlus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { readPage } from '../api/admin.ts';
import type { User } from '../api/types.ts';
import { NewUserDialog } from '../parts/new-user-dialog.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Select } from '../parts/select.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { formatNumber, Time } from '../parts/time.tsx';
import { UserBadges } from '../parts/user-badges.tsx';
import { pathTo, useQuery } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { useTexts } from '../state/language.ts';

/** All users. */
export function Users() {
  const t = useTexts();
  const [query, go] = useQuery();
  const { q = '', is_active = '', is_staff = '', cursor = '' } = query;
  const asked = { q, is_active, is_staff, cursor };
  const users = useResource(JSON.stringify(asked), (signal) => readPage('users', asked, signal));
  const [creating, setCreating] = useState(false);
  return (
    <>
      <PageTitle title={t.users.title}>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          <UserPlus size={16} aria-hidden /> {t.users.create}
        </button>
      </PageTitle>
      <div class="bar">
        <SearchField label={t.users.search} hint={t.users.searchHint} value={q} onSearch={(text) => go({ q: text, cursor: '' }, true)} />
        <Select
          label={t.users.column.state}
          value={is_active}
          options={[
            ['', t.users.anyone],
            ['true', t.users.active],
            ['false', t.users.inactive],
          ]}
          onChoice={(value) => go({ is_active: value, cursor: '' })}
        />
        <Select
          label={t.users.staff}
          value={is_staff}
          options={[
            ['', t.users.anyone],
            ['true', t.users.staff],
          ]}
          onChoice={(value) => go({ is_staff: value, cursor: '' })}
        />
      </div>
      {users.error !== null && <Failed error={users.error} retry={users.reload} />}
      {users.error === null && !users.data && <Loading rows={12} />}
      {users.error === null && users.data && <UserTable rows={users.data.rows} busy={users.loading} />}
      <Pager pagination={users.data?.pagination} />
      {creating && (
        <NewUserDialog
          onClose={() => setCreating(false)}
          onDone={() => {
            setCreating(false);
            users.reload();
          }}
        />
      )}
    </>
  );
}

function UserTable({ rows, busy }: { rows: readonly User[]; busy: boolean }) {
  const t = useTexts();
  const { column } = t.users;
  if (rows.length === 0) return <Empty title={t.users.empty} />;
  return (
    <div class="table-box">
      <table aria-label={t.users.title} aria-busy={busy}>
        <thead>
          <tr>
            <th scope="col">{column.person}</th>
            <th scope="col" class="number">
              {column.sessions}
            </th>
            <th scope="col">{column.joined}</th>
            <th scope="col">{column.login}</th>
            <th scope="col">{column.state}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((user) => (
            <tr key={user.id} class={user.is_active ? '' : 'revoked'}>
              <td class="person">
                <a href={pathTo(`users/${user.id}`)}>{user.email ?? user.display}</a>
                {user.username && user.username !== user.email && <small class="muted"> {user.username}</small>}
              </td>
              <td class="number" data-label={column.sessions}>
                {formatNumber(user.active_sessions)}
              </td>
              <td data-label={column.joined}>
                <Time at={user.date_joined} />
              </td>
              <td data-label={column.login}>
                <Time at={user.last_login} />
              </td>
              <td data-label={column.state}>
                <UserBadges user={user} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
