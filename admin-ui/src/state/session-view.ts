import type { Query } from '../api/admin.ts';
import type { Session } from '../api/types.ts';
import { readKept, writeKept } from './theme.ts';

/** The members of the address that make a view of the sessions; `hide` are columns. */
export const VIEW_MEMBERS = ['q', 'state', 'second_factor', 'idle', 'created', 'user', 'ip', 'revoked_kind', 'sort', 'hide'] as const;

/** Seconds of the spans that filters name. */
const SPANS: Record<string, number> = { '1h': 3600, '1d': 86_400, '7d': 604_800, '30d': 2_592_000 };

/** The filter of the API that an address stands for. */
export function filterOf(query: Record<string, string>): Query {
  const { q, state, second_factor, idle, created, user, ip, revoked_kind } = query;
  return {
    q,
    // The server takes a kind of end for a filter of those that have ended.
    state: revoked_kind && !state ? 'revoked' : state,
    user,
    ip,
    revoked_kind,
    second_factor,
    idle_since: ago(idle),
    created_after: ago(created),
  };
}

/** The same as a body: without what is not set, truth values as such. */
export function filterBody(query: Query): Record<string, unknown> {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name, name === 'second_factor' ? value === 'true' : value]));
}

/** To the minute, so that the same view asks the same question for a while. */
function ago(span: string | undefined): number | undefined {
  const seconds = span === undefined ? undefined : SPANS[span];
  return seconds === undefined ? undefined : Math.floor((Date.now() / 1000 - seconds) / 60) * 60;
}

export interface SavedView {
  name: string;
  query: Record<string, string>;
}

const KEY = 'allauth.views';

/** The views that were saved in this browser. */
export function readViews(): SavedView[] {
  try {
    const kept: unknown = JSON.parse(readKept(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isView) : [];
  } catch {
    return [];
  }
}

export function writeViews(views: readonly SavedView[]): void {
  writeKept(KEY, JSON.stringify(views));
}

function isView(value: unknown): value is SavedView {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && 'query' in value;
}

/** The members of a view, with '' for those that it leaves out, so that going to it takes the others away. */
export function viewQuery(query: Record<string, string>): Query {
  return { ...Object.fromEntries(VIEW_MEMBERS.map((name) => [name, query[name] ?? ''])), cursor: '' };
}

/** Returns the filter of the sessions that can be revoked together; for all states, the active ones. `null` if the filter shows only ended sessions. */
export function revocableState({ state, revoked_kind }: Query): 'active' | 'pending' | null {
  if (revoked_kind) return null;
  if (state === 'pending') return 'pending';
  return state === undefined || state === '' || state === 'active' || state === 'any' ? 'active' : null;
}

/** One's own session goes by its own button alone, and what has ended not at all. */
export function canSelect({ state, is_current }: Session): boolean {
  return (state === 'active' || state === 'pending') && !is_current;
}

/** Returns the number of users that the sessions belong to; a pending login belongs to no user. */
export function countUsers(rows: readonly Session[]): number {
  return new Set(rows.flatMap(({ user }) => (user ? [user.id] : []))).size;
}
