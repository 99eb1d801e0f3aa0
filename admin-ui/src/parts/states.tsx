import type { ComponentChildren } from 'preact';
import { describe } from '../state/toasts.ts';
import { useTexts } from '../state/language.ts';

/** Grey lines where rows will be. Said once to screen readers. */
export function Loading({ rows = 8 }: { rows?: number }) {
  const t = useTexts();
  return (
    <div class="loading" aria-busy="true">
      <span class="visually-hidden">{t.states.loading}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="bone" />
      ))}
    </div>
  );
}

/** What failed, and a way to try again. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const t = useTexts();
  return (
    <div class="empty" role="alert">
      <h2>{t.states.failed}</h2>
      <p>{describe(error)}</p>
      <button type="button" onClick={retry}>
        {t.actions.retry}
      </button>
    </div>
  );
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
