import type { Query } from '../api/admin.ts';

const SPANS: Record<string, number> = { '1d': 86_400, '7d': 604_800, '30d': 2_592_000 };

/** The filter of the API that an address of the audit log stands for. */
export function auditFilterOf({ event, user, ip, session, period }: Record<string, string>): Query {
  const seconds = period === undefined ? undefined : SPANS[period];
  return { event, user, ip, session, after: seconds === undefined ? undefined : Math.floor((Date.now() / 1000 - seconds) / 60) * 60 };
}
