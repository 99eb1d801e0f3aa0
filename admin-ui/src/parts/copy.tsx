import { Copy } from 'lucide-preact';
import { say, sayFailure } from '../state/toasts.ts';
import { useTexts } from '../state/language.ts';

/** An id with a button that copies it. */
export function Id({ value, name }: { value: string; name: string }) {
  const t = useTexts();
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(() => say(t.actions.copied), sayFailure);
  };
  return (
    <span class="id">
      <code>{value}</code>
      <button type="button" class="icon" aria-label={`${t.actions.copy}: ${name}`} onClick={copy}>
        <Copy size={14} aria-hidden />
      </button>
    </span>
  );
}
