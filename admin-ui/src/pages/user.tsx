import { useRoute } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { change, read, readPage } from '../api/admin.ts';
import type { AuditEvent, Session, UserDetail } from '../api/types.ts';
import { AskDialog } from '../parts/ask-dialog.tsx';
import { Id } from '../parts/copy.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { EventList } from '../parts/event-list.tsx';
import { Facts } from '../parts/facts.tsx';
import { Device } from '../parts/session-bits.tsx';
import { Time } from '../parts/time.tsx';
import { UserBadges } from '../parts/user-badges.tsx';
import { pathTo } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { viewer } from '../state/session.ts';
import { loadTokenLife, tokenLife } from '../state/token-life.ts';
import { say } from '../state/toasts.ts';
import { texts, useTexts } from '../state/language.ts';
import { named } from '../texts/words.ts';

type Action = 'deactivate' | 'activate' | 'promote' | 'demote' | 'logOut' | 'sendReset';

const CHANGES = {
  deactivate: { is_active: false },
  activate: { is_active: true },
  promote: { is_staff: true },
  demote: { is_staff: false },
} as const;

/** One user: sessions, addresses, activity; what can be done. */
export function UserPage() {
  const t = useTexts();
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const user = useResource(id, (signal) => load(id, signal), 10_000);
  const [asking, setAsking] = useState<Action | null>(null);
  useEffect(() => void loadTokenLife().catch(() => undefined), []);
  const { data } = user;
  const name = data ? (data.user.email ?? data.user.display) : t.users.title;
  const act = async (action: Action, reason: string): Promise<void> => {
    const said = await perform(id, name, action, reason);
    if (said === null) return;
    say(said);
    setAsking(null);
    user.reload();
  };
  return (
    <>
      <DetailPage
        list={{ path: pathTo('users'), name: t.user.back }}
        title={name}
        resource={user}
        head={(loaded) => (
          <>
            <UserBadges user={loaded.user} />
            <span class="grow" />
            <Actions user={loaded.user} ask={setAsking} />
          </>
        )}
      >
        {(loaded) => <Detail {...loaded} />}
      </DetailPage>
      {asking !== null && (
        <AskDialog
          title={`${t.user[asking]}?`}
          text={
            <>
              <p>{t.user.sure[asking](name, data?.user.active_sessions ?? 0)}</p>
              {ENDING.has(asking) && tokenLife.value !== null && <p class="muted">{t.revoke.tokens(tokenLife.value)}</p>}
            </>
          }
          button={t.user[asking]}
          look={HARMLESS.has(asking) ? 'primary' : 'danger'}
          withReason={asking === 'logOut'}
          onClose={() => setAsking(null)}
          act={(reason) => act(asking, reason)}
        />
      )}
    </>
  );
}

/** What takes nothing away from the user. */
const HARMLESS: ReadonlySet<Action> = new Set(['activate', 'promote', 'sendReset']);

/** What ends sessions. */
const ENDING: ReadonlySet<Action> = new Set(['deactivate', 'logOut']);

/** @returns what to say; null where the reauthentication was cancelled */
async function perform(id: string, name: string, action: Action, reason: string): Promise<string | null> {
  const t = texts();
  if (action === 'logOut') {
    const answer = await change('POST', `users/${id}/revoke-sessions`, reason ? { reason } : {});
    return answer && t.revoke.done(answer.revoked);
  }
  if (action === 'sendReset') {
    const answer = await change('POST', `users/${id}/send-reset`);
    return answer && (answer.mail === 'invitation' ? t.users.invited : t.user.resetSent)(answer.email ?? name);
  }
  return (await change('PATCH', `users/${id}`, CHANGES[action])) && t.user.done[action](name);
}

interface Loaded {
  user: UserDetail;
  sessions: Session[];
  events: AuditEvent[];
}

async function load(id: string, signal: AbortSignal): Promise<Loaded> {
  const [{ data: user }, { rows: sessions }, { rows: events }] = await Promise.all([
    read(`users/${encodeURIComponent(id)}`, {}, signal),
    readPage('sessions', { user: id, limit: 20 }, signal),
    readPage('audit', { user: id, limit: 20 }, signal),
  ]);
  return { user, sessions, events };
}

function Actions({ user, ask }: { user: UserDetail; ask: (action: Action) => void }) {
  const t = useTexts();
  const now = viewer.value;
  const button = (action: Action, look = '') => (
    <button type="button" class={look} onClick={() => ask(action)}>
      {t.user[action]}
    </button>
  );
  if (now.kind === 'staff' && now.user.id === user.id) return <span class="muted">{t.user.yourself}</span>;
  return (
    <>
      {user.is_active && user.email !== null && button('sendReset')}
      {button(user.is_staff ? 'demote' : 'promote')}
      {button('logOut', 'danger-quiet')}
      {user.is_active ? button('deactivate', 'danger-quiet') : button('activate')}
    </>
  );
}

function Detail({ user, sessions, events }: Loaded) {
  const t = useTexts();
  return (
    <div class="columns">
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t.session.about}</h2>
        <Facts
          facts={[
            [t.user.id, <Id value={user.id} name={t.user.id} />],
            [t.users.column.joined, <Time at={user.date_joined} />],
            [t.users.column.login, <Time at={user.last_login} />],
          ]}
        />
        <h3>{t.user.factors}</h3>
        <ul class="plain-list">
          {user.login_methods.map((method) => (
            <li key={method}>{named(t.user.logsInBy, method)}</li>
          ))}
          <li>{user.has_usable_password ? t.user.hasPassword : t.user.noPassword}</li>
          {user.login_by_code && <li>{t.user.byCode}</li>}
          {sessions.some(({ second_factor }) => second_factor) && <li>{t.user.secondFactor}</li>}
        </ul>
        <h3>{t.user.addresses}</h3>
        {user.emails.length === 0 && !user.phone && <p class="muted">{t.user.noAddresses}</p>}
        <ul class="plain-list">
          {user.emails.map(({ email, verified, primary }) => (
            <li key={email}>
              {email} <Verified is={verified} /> {primary && <span class="badge own">{t.user.primary}</span>}
            </li>
          ))}
          {user.phone && (
            <li>
              {user.phone.phone} <Verified is={user.phone.verified} />
            </li>
          )}
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
        <EventList events={events} userId={user.id} empty={t.user.noActivity} />
      </section>
    </div>
  );
}

function Verified({ is }: { is: boolean }) {
  const t = useTexts();
  return <span class={`badge ${is ? 'active' : 'pending'}`}>{is ? t.user.verified : t.user.unverified}</span>;
}
