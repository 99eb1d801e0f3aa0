import { CircleHelp, Globe, Monitor, ShieldCheck, Smartphone, Terminal } from 'lucide-preact';
import { BASE } from '../api/client.ts';
import type { Session, SessionState } from '../api/types.ts';
import { texts, useTexts } from '../state/language.ts';
import { exactTime, relativeTime } from './time.tsx';
import { named } from '../texts/words.ts';

/** Who a session is of, in a word. */
export function nameOf({ user }: Pick<Session, 'user'>): string {
  const t = texts();
  return user ? (user.email ?? user.display ?? user.id) : t.sessions.nobody;
}

/** The device in words, with a picture of its kind. */
export function Device({ client, agent }: { client: string; agent: string }) {
  const t = useTexts();
  const Icon = iconOf(client, agent);
  return (
    <span class="with-icon" title={agent}>
      <Icon size={16} aria-hidden />
      <span class="cut">{client || agent.slice(0, 40) || t.sessions.unknownDevice}</span>
    </span>
  );
}

function iconOf(client: string, agent: string): typeof Monitor {
  if (/iOS|Android/.test(client)) return Smartphone;
  if (/Windows|macOS|Linux|Chrome OS/.test(client)) return Monitor;
  if (client) return Globe;
  return agent ? Terminal : CircleHelp;
}

/** How it was signed in, with a mark for a second factor. */
export function Methods({ session: { methods, second_factor } }: { session: Session }) {
  const t = useTexts();
  const names = [...new Set(methods.filter(({ method }) => method !== 'mfa').map(({ method }) => named(t.methods, method)))];
  return (
    <span class="with-icon">
      <span>{names.join(', ') || '–'}</span>
      {second_factor && (
        <span class="factor" title={t.sessions.secondFactor}>
          <ShieldCheck size={14} aria-hidden />
          <span class="visually-hidden">{t.sessions.secondFactor}</span>
        </span>
      )}
    </span>
  );
}

export function StateBadge({ state }: { state: SessionState }) {
  const t = useTexts();
  return <span class={`badge ${state}`}>{t.sessions.states[state] ?? state}</span>;
}

/** The state; of what has ended also by whom, when and why. */
export function Fate({ session }: { session: Session }) {
  const t = useTexts();
  const { state, revoked_at: at, revoked_kind: kind, revoked_reason: reason, revoked_by_user: by } = session;
  if (state !== 'revoked' || at === null) return <StateBadge state={state} />;
  const words = kind === null ? '' : named(t.sessions.kinds, kind);
  const note = reason !== null && reason !== kind ? reason : '';
  return (
    <span
      class="fate"
      title={[t.sessions.states[state], words, by && nameOf({ user: by }), exactTime(at), note].filter(Boolean).join(' · ')}
    >
      <StateBadge state={state} />
      <small>
        {[by && kind === 'revoked' ? t.sessions.endedBy(nameOf({ user: by })) : words, relativeTime(at), note].filter(Boolean).join(' · ')}
      </small>
    </span>
  );
}

/** Who it is, as a link to the session; one's own is marked. */
export function SessionLink({ session }: { session: Session }) {
  const t = useTexts();
  return (
    <span class="with-icon">
      <a href={`${BASE}sessions/${session.id}`} class="cut" title={nameOf(session)}>
        {nameOf(session)}
      </a>
      {session.is_current && <span class="badge own">{t.sessions.own}</span>}
    </span>
  );
}
