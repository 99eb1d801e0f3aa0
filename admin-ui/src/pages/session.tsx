import { useRoute } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { read } from '../api/admin.ts';
import type { SessionDetail } from '../api/types.ts';
import { Id } from '../parts/copy.tsx';
import { DetailPage } from '../parts/detail-page.tsx';
import { EventList } from '../parts/event-list.tsx';
import { Facts } from '../parts/facts.tsx';
import { RevokeDialog } from '../parts/revoke-dialog.tsx';
import { Device, Methods, nameOf, StateBadge } from '../parts/session-bits.tsx';
import { Time } from '../parts/time.tsx';
import { TokenTimeline } from '../parts/token-timeline.tsx';
import { pathTo } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { loadTokenLife } from '../state/token-life.ts';
import { useTexts } from '../state/language.ts';
import { named } from '../texts/words.ts';

/** One session: what it is, the family of its refresh tokens, what happened. */
export function SessionPage() {
  const t = useTexts();
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const session = useResource(id, async (signal) => (await read(`sessions/${encodeURIComponent(id)}`, {}, signal)).data, 5000);
  const [asking, setAsking] = useState(false);
  useEffect(() => void loadTokenLife().catch(() => undefined), []);
  const { data } = session;
  return (
    <>
      <DetailPage
        list={{ path: pathTo('sessions'), name: t.session.back }}
        title={data ? nameOf(data) : t.session.title}
        resource={session}
        head={({ state, is_current }) => (
          <>
            <StateBadge state={state} />
            {is_current && <span class="badge own">{t.sessions.own}</span>}
            <span class="grow" />
            {state !== 'revoked' && (
              <button type="button" class="danger-quiet" onClick={() => setAsking(true)}>
                {t.sessions.revoke}
              </button>
            )}
          </>
        )}
      >
        {(loaded) => <Detail session={loaded} />}
      </DetailPage>
      {data && asking && (
        <RevokeDialog
          target={{ kind: 'one', session: data }}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            session.reload();
          }}
          onStale={() => setAsking(false)}
        />
      )}
    </>
  );
}

function Detail({ session }: { session: SessionDetail }) {
  const t = useTexts();
  const { access_tokens_valid_until: tokensUntil } = session;
  // Addresses of the session itself, not of the actor who ended it. A reused token has no known actor, and its address is what an admin looks for.
  const own = session.events.filter(({ event, actor_id }) => event === 'refresh_token_reused' || actor_id === session.user?.id);
  const addresses = [...new Set([session.ip, ...own.map(({ ip }) => ip)])].filter(Boolean);
  return (
    <div class="columns">
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t.session.about}</h2>
        <Facts
          facts={[
            [t.session.id, <Id value={session.id} name={t.session.id} />],
            [t.sessions.column.person, session.user && <a href={pathTo(`users/${session.user.id}`)}>{nameOf(session)}</a>],
            [t.sessions.column.device, <Device client={session.client} agent={session.user_agent} />],
            [t.session.client, t.session.kinds[session.client_kind]],
            [t.session.methods, <Methods session={session} />],
            [t.sessions.column.started, <Time at={session.created_at} />],
            [t.sessions.column.seen, <Time at={session.last_seen_at} />],
            [t.sessions.column.expires, <Time at={session.expires_at} />],
            [t.session.liveTokens, session.live_refresh_tokens],
            [
              (tokensUntil ?? 0) > Date.now() / 1000 ? t.session.tokensUntil : t.session.tokensWereUntil,
              session.revoked_at !== null && tokensUntil !== null && <Time at={tokensUntil} />,
            ],
            [t.session.addresses, addresses.map((ip) => <code key={ip}>{ip} </code>)],
            [t.session.agent, <code class="wrap">{session.user_agent || '–'}</code>],
          ]}
        />
        {session.revoked_at !== null && <Ending session={session} at={session.revoked_at} />}
      </section>
      <section class="card" aria-labelledby="timeline">
        <h2 id="timeline">{t.session.timeline}</h2>
        <TokenTimeline session={session} />
      </section>
      <section class="card" aria-labelledby="events">
        <h2 id="events">{t.session.events}</h2>
        <EventList events={session.events} userId={session.user?.id} empty={t.session.noEvents} />
      </section>
    </div>
  );
}

function Ending({ session, at }: { session: SessionDetail; at: number }) {
  const t = useTexts();
  const { revoked_kind: kind, revoked_reason: reason, revoked_by_user: by } = session;
  return (
    <div class="ending">
      <h3>{t.session.ended}</h3>
      <Facts
        facts={[
          [t.sessions.filters.kind, kind && named(t.sessions.kinds, kind)],
          [t.audit.column.time, <Time at={at} />],
          [t.audit.column.actor, by && <a href={pathTo(`users/${by.id}`)}>{by.email ?? by.display}</a>],
          [t.session.reason, reason !== kind && reason],
        ]}
      />
    </div>
  );
}
