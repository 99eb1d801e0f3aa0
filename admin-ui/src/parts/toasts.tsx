import { CircleAlert, CircleCheck, X } from 'lucide-preact';
import { dismiss, toasts } from '../state/toasts.ts';
import { useTexts } from '../state/language.ts';

/** What happened, in a status region that is always there: only then do screen readers hear of it. */
export function Toasts() {
  const t = useTexts();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, kind, text }) => (
        <div key={id} class={`toast ${kind}`}>
          {kind === 'done' ? <CircleCheck size={18} aria-hidden /> : <CircleAlert size={18} aria-hidden />}
          <span>{text}</span>
          <button type="button" class="icon" aria-label={t.actions.close} onClick={() => dismiss(id)}>
            <X size={16} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
