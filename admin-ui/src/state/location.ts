import { useLocation } from 'preact-iso';
import { useLayoutEffect } from 'preact/hooks';
import { search, type Query } from '../api/admin.ts';
import { BASE } from '../api/client.ts';

/** The address of a page of the dashboard. */
export function pathTo(page: string, query: Query = {}): string {
  return BASE + page + search(query);
}

/** The query of the address, and how to change members of it; '' or null takes one away. */
export function useQuery(): [Record<string, string>, (changes: Query, replace?: boolean) => void] {
  const { query, path, route } = useLocation();
  return [query, (changes, replace = false) => route(path + search({ ...query, ...changes }), replace)];
}

/** Where the last link was followed. */
let left = '';

// Before the router hears of it, since with that the address is another.
addEventListener(
  'click',
  ({ target }) => {
    if (!(target instanceof Element) || !target.closest('a[href]')) return;
    left = location.pathname + location.search;
    history.replaceState({ top: scrollY }, '');
  },
  true,
);

/** The address of the list, as it was, when one came from it to this page; else null. */
export function cameFrom(list: string): string | null {
  return left.split('?')[0] === list ? left : null;
}

/** Follows a link to where one came from, which is to be as it was left; not when it is to open elsewhere. */
export function goBack(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  history.back();
}

/** Scrolls to where the page was left by a link, as soon as its rows are there. */
export function useKeptScroll(ready: boolean): void {
  useLayoutEffect(() => {
    const kept: unknown = history.state;
    if (ready && typeof kept === 'object' && kept !== null && 'top' in kept && typeof kept.top === 'number') scrollTo(0, kept.top);
  }, [ready]);
}
