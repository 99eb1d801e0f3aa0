import { ChevronLeft, ChevronRight } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Pagination } from '../api/types.ts';
import { useKeptScroll, useQuery } from '../state/location.ts';
import { useTexts } from '../state/language.ts';

/** Previous and next page of a list; the cursor stands in the address. */
export function Pager({ pagination }: { pagination: Pagination | undefined }) {
  const t = useTexts();
  const [, go] = useQuery();
  const ref = useRef<HTMLElement>(null);
  const pressed = useRef<HTMLButtonElement | null>(null);
  useKeptScroll(pagination !== undefined);
  // Once the rows are loaded, scroll to the top of the list. The focus stays on the button, or moves to the other one at the end of the list.
  useEffect(() => {
    const button = pressed.current;
    pressed.current = null;
    const list = ref.current?.previousElementSibling;
    if (!button || !list) return;
    if (button.disabled) ref.current?.querySelector<HTMLElement>('button:enabled')?.focus({ preventScroll: true });
    if (list.getBoundingClientRect().top < 0) list.scrollIntoView();
  }, [pagination]);
  const button = (cursor: string | null | undefined, label: string, icon: preact.ComponentChild, before: boolean) => (
    <button
      type="button"
      disabled={!cursor}
      onClick={(event) => {
        pressed.current = event.currentTarget;
        go({ cursor });
      }}
    >
      {before && icon}
      {label}
      {!before && icon}
    </button>
  );
  return (
    <nav ref={ref} class="pager" aria-label={t.sessions.page}>
      {button(pagination?.previous, t.actions.previous, <ChevronLeft size={16} aria-hidden />, true)}
      {button(pagination?.next, t.actions.next, <ChevronRight size={16} aria-hidden />, false)}
    </nav>
  );
}
