/** What the lists are asked for: a request of the admin API, and how much longer than the page it may take, over a thousand sessions. */
export interface ListQuery {
  name: string;
  path: string;
  /** Of the time of the sessions' first page in the default order, over 1000 sessions; absent: shown without a goal. */
  goal?: number;
}

/** What stands in the database, for filters that find something. */
export interface Sample {
  user: string;
  sid: string;
  ip: string;
  email: string;
  /** When the session in the middle was made, Unix seconds. */
  middle: number;
  now: number;
  /** Cursors of the middle, by the list's path. */
  cursors: Record<'created' | 'seen' | 'audit', string>;
}

const PAGE = 1.3;
const FILTERED = 2;

/** A first name that many thousand users have, of a million sessions. */
const FIRST_NAME = 'anna';

/** The first one is the page that all others are measured by. */
export function listQueries({ user, sid, ip, email, middle, now, cursors }: Sample): ListQuery[] {
  const month = now - 30 * 86_400;
  const filters = [
    ...['sort=created_at', 'sort=-last_seen_at', 'sort=last_seen_at', `sort=-last_seen_at&cursor=${cursors.seen}`],
    ...['state=expired', 'state=revoked', 'state=pending', 'state=any'],
    ...['state=expired', 'state=revoked', 'state=pending', 'state=any'].map((state) => `${state}&sort=-last_seen_at`),
    ...[`user=${user}`, `user=${user}&state=any`, `ip=${ip}`, 'ip=192.0.2.1', 'ip=192.0.2.1&sort=-last_seen_at', 'ip=203.0.113.7'],
    ...[`created_after=${now - 86_400}`, `created_after=${middle}&sort=created_at`, `created_before=${middle}`],
    ...[`created_after=${month}&sort=-last_seen_at`, `created_before=${middle}&sort=-last_seen_at`],
    ...[`idle_since=${now - 10 * 86_400}`, `idle_since=${now - 10 * 86_400}&sort=-last_seen_at`],
    ...['second_factor=false', 'second_factor=true&state=revoked', 'second_factor=true&state=expired&sort=last_seen_at'],
    ...['revoked_kind=refresh_token_reused', 'revoked_kind=revoked&sort=-last_seen_at', 'revoked_kind=replaced'],
    ...[`q=${email}`, `q=${FIRST_NAME}`, `q=${FIRST_NAME}&sort=last_seen_at`, `q=${FIRST_NAME}&cursor=${cursors.created}`],
    ...[`q=${FIRST_NAME}&state=revoked`, `q=${FIRST_NAME}&state=pending`, `q=${FIRST_NAME}&revoked_kind=replaced`],
    ...['q=anna.smith', 'q=corp.example', 'q=an', 'q=zz', 'q=nobody-has-this', 'q=10.1', 'q=192.0.2', 'q=2001:db8:a', 'q=10.1.2'],
  ];
  return [
    { name: 'sessions', path: 'sessions', goal: PAGE },
    { name: 'sessions, middle', path: `sessions?cursor=${cursors.created}`, goal: PAGE },
    ...filters.map((query) => ({ name: `sessions ${short(query)}`, path: `sessions?${query}`, goal: FILTERED })),
    ...['', 'second_factor=false', 'state=any', `q=${FIRST_NAME}`, 'ip=192.0.2.1', `created_after=${middle}`].map((query) => ({
      name: `sessions ${short(query)} count`,
      path: `sessions?${query}&count=true&limit=1`,
    })),
    { name: 'session', path: `sessions/${sid}`, goal: FILTERED },
    { name: 'users', path: 'users', goal: FILTERED },
    ...['sort=date_joined', `q=${email}`, `q=${FIRST_NAME}`, 'q=corp.example', 'q=nobody-has-this', 'is_staff=true', 'is_active=false'].map(
      (query) => ({ name: `users ${short(query)}`, path: `users?${query}`, goal: FILTERED }),
    ),
    ...['', `q=${FIRST_NAME}`, 'is_active=true'].map((query) => ({
      name: `users ${query} count`,
      path: `users?${query}&count=true&limit=1`,
    })),
    { name: 'audit', path: 'audit', goal: FILTERED },
    { name: 'audit, middle', path: `audit?cursor=${cursors.audit}`, goal: FILTERED },
    ...['event=login_failed', `user=${user}`, `session=${sid}`, 'ip=198.51.100.23', 'ip=203.0.113.7', `ip=${ip}`, `before=${middle}`].map(
      (query) => ({ name: `audit ${short(query)}`, path: `audit?${query}`, goal: FILTERED }),
    ),
    ...[`event=login_failed&user=${user}`, 'event=login_failed&ip=203.0.113.7', `event=session_revoked&before=${middle}`].map((query) => ({
      name: `audit ${short(query)}`,
      path: `audit?${query}`,
      goal: FILTERED,
    })),
    { name: 'stats, a day', path: 'stats' },
    { name: 'stats, 30 days', path: `stats?from=${month}&bucket=86400` },
  ];
}

/** Without what is long and says nothing. */
function short(query: string): string {
  return query
    .replaceAll(/cursor=[\w-]+/g, 'middle')
    .replaceAll(/(user|session)=[\da-f-]{36}/g, '$1=ID')
    .replaceAll(/=\d{10}/g, '=TIME');
}
