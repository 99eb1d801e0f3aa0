import { useLocation } from 'preact-iso';
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
