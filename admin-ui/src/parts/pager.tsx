import { ChevronLeft, ChevronRight } from 'lucide-preact';
import type { Pagination } from '../api/types.ts';
import { useQuery } from '../state/location.ts';
import { t } from '../texts.ts';

/** Previous and next page of a list; the cursor stands in the address. */
export function Pager({ pagination }: { pagination: Pagination | undefined }) {
  const [, go] = useQuery();
  const button = (cursor: string | null | undefined, label: string, icon: preact.ComponentChild, before: boolean) => (
    <button type="button" disabled={!cursor} onClick={() => go({ cursor })}>
      {before && icon}
      {label}
      {!before && icon}
    </button>
  );
  return (
    <nav class="pager" aria-label={t.sessions.page}>
      {button(pagination?.previous, t.actions.previous, <ChevronLeft size={16} aria-hidden />, true)}
      {button(pagination?.next, t.actions.next, <ChevronRight size={16} aria-hidden />, false)}
    </nav>
  );
}
