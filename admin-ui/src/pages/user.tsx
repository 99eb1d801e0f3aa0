import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { change, read, readPage } from '../api/admin.ts';
import type { AuditEvent, Session, UserDetail } from '../api/types.ts';
import { AskDialog } from '../parts/ask-dialog.tsx';
import { Id } from '../parts/copy.tsx';
import { EventList } from '../parts/event-list.tsx';
import { Facts } from '../parts/facts.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Device } from '../parts/session-bits.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { Time } from '../parts/time.tsx';
import { UserBadges } from '../parts/user-badges.tsx';
import { pathTo } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { viewer } from '../state/session.ts';
import { say } from '../state/toasts.ts';
import { t } from '../texts.ts';

type Action = 'deactivate' | 'activate' | 'promote' | 'demote' | 'logOut';

const CHANGES = {
  deactivate: { is_active: false },
  activate: { is_active: true },
  promote: { is_staff: true },
  demote: { is_staff: false },
} as const;

/** One user: sessions, addresses, activity; what can be done. */
export function UserPage() {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const user = useResource(id, (signal) => load(id, signal), 10_000);
  const [asking, setAsking] = useState<Action | null>(null);
  const { data } = user;
  const name = data ? (data.user.email ?? data.user.display) : t.users.title;
  const act = async (action: Action, reason: string): Promise<void> => {
    if (action === 'logOut') {
      const answer = await change<{ revoked: number }>('POST', `users/${id}/revoke-sessions`, reason ? { reason } : {});
      if (!answer) return;
      say(t.revoke.done(answer.revoked));
    } else {
      if (!(await change('PATCH', `users/${id}`, CHANGES[action]))) return;
      say(t.user.done(name));
    }
    setAsking(null);
    user.reload();
  };
  return (
    <>
      <a class="back" href={pathTo('users')}>
        ← {t.user.back}
      </a>
      <PageTitle title={name}>
        {data && <UserBadges user={data.user} />}
        <span class="grow" />
        {data && <Actions user={data.user} ask={setAsking} />}
      </PageTitle>
      {user.error !== null && !data && <Failed error={user.error} retry={user.reload} />}
      {!data && user.error === null && <Loading />}
      {data && <Detail {...data} />}
      {asking !== null && (
        <AskDialog
          title={`${t.user[asking]}?`}
          text={asking === 'activate' ? name : t.user.sure[asking](name)}
          button={t.user[asking]}
          danger={asking !== 'activate' && asking !== 'promote'}
          withReason={asking === 'logOut'}
          onClose={() => setAsking(null)}
          act={(reason) => act(asking, reason)}
        />
      )}
    </>
  );
}

interface Loaded {
  user: UserDetail;
  sessions: Session[];
  events: AuditEvent[];
}

async function load(id: string, signal: AbortSignal): Promise<Loaded> {
  const [{ data: user }, { rows: sessions }, { rows: events }] = await Promise.all([
    read<UserDetail>(`users/${encodeURIComponent(id)}`, {}, signal),
    readPage<Session>('sessions', { user: id, limit: 20 }, signal),
    readPage<AuditEvent>('audit', { user: id, limit: 20 }, signal),
  ]);
  return { user, sessions, events };
}

function Actions({ user, ask }: { user: UserDetail; ask: (action: Action) => void }) {
  const now = viewer.value;
  const button = (action: Action, look = '') => (
    <button type="button" class={look} onClick={() => ask(action)}>
      {t.user[action]}
    </button>
  );
  if (now.kind === 'staff' && now.user.id === user.id) return <span class="muted">{t.user.yourself}</span>;
  return (
    <>
      {button(user.is_staff ? 'demote' : 'promote')}
      {button('logOut', 'danger-quiet')}
      {user.is_active ? button('deactivate', 'danger-quiet') : button('activate')}
    </>
  );
}

function Detail({ user, sessions, events }: Loaded) {
  return (
    <div class="columns">
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t.session.about}</h2>
        <Facts
          facts={[
            ['Id', <Id value={user.id} name="id" />],
            [t.users.column.joined, <Time at={user.date_joined} />],
            [t.users.column.login, <Time at={user.last_login} />],
            [t.user.factors, user.has_usable_password ? t.user.hasPassword : t.user.noPassword],
          ]}
        />
        <h3>{t.user.addresses}</h3>
        <ul class="plain-list">
          {user.emails.map(({ email, verified, primary }) => (
            <li key={email}>
              {email} <span class={`badge ${verified ? 'active' : 'pending'}`}>{verified ? t.user.verified : t.user.unverified}</span>{' '}
              {primary && <span class="badge own">{t.user.primary}</span>}
            </li>
          ))}
        </ul>
      </section>
      <section class="card" aria-labelledby="sessions">
        <h2 id="sessions">{t.user.sessions}</h2>
        {sessions.length === 0 && <p class="muted">{t.user.noSessions}</p>}
        <ul class="plain-list">
          {sessions.map((session) => (
            <li key={session.id}>
              <a href={pathTo(`sessions/${session.id}`)}>
                <Device client={session.client} agent={session.user_agent} />
              </a>
              <code>{session.ip}</code> <Time at={session.last_seen_at} />
              {session.is_current && <span class="badge own">{t.sessions.own}</span>}
            </li>
          ))}
        </ul>
        <a href={pathTo('sessions', { user: user.id, state: 'any' })}>{t.user.allSessions}</a>
      </section>
      <section class="card" aria-labelledby="activity">
        <h2 id="activity">{t.user.activity}</h2>
        <EventList events={events} empty={t.user.noActivity} />
      </section>
    </div>
  );
}
