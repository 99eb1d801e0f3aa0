import type { RefreshToken, SessionDetail } from '../api/types.ts';
import { useTexts } from '../state/language.ts';
import { Id } from './copy.tsx';
import { Time } from './time.tsx';

type Fate = 'live' | 'used' | 'unused' | 'reused';

/** The family of refresh tokens, oldest first: issued, used, replaced; races that were absorbed are told, reuse is marked. */
export function TokenTimeline({ session }: { session: SessionDetail }) {
  const t = useTexts();
  const { refresh_tokens: tokens } = session;
  if (tokens.length === 0) return <p class="muted">{t.session.timelineEmpty}</p>;
  return (
    <ol class="timeline">
      {tokens.map((token) => {
        const fate = fateOf(token, session);
        return (
          <li key={token.jti} class={fate}>
            <Id value={token.jti} name={t.session.token} />
            <span>
              {t.session.issued} <Time at={token.issued_at} />
            </span>
            {token.used_at !== null && (
              <span>
                {t.session.used} <Time at={token.used_at} />
              </span>
            )}
            {fate === 'live' && <span class="badge active">{t.session.live}</span>}
            {fate === 'unused' && <span class="muted">{t.session.unused}</span>}
            {token.absorbed_at !== null && (
              <span class="muted">
                {t.session.absorbed(token.absorbed)} <Time at={token.absorbed_at} />
              </span>
            )}
            {token.reused_at !== null && (
              <strong class="error">
                {t.session.reused} <Time at={token.reused_at} />
              </strong>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function fateOf({ used_at, reused_at, expires_at }: RefreshToken, { state }: SessionDetail): Fate {
  if (reused_at !== null) return 'reused';
  if (used_at !== null) return 'used';
  return state === 'active' && expires_at > Date.now() / 1000 ? 'live' : 'unused';
}
