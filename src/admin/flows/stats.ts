import type { EventType } from '../../contracts/records.ts';
import { listenersOf } from '../../background/delivery.ts';
import type { OutputOf } from '../../http/reply.ts';
import type { Kit } from '../../kit/kit.ts';
import { ACTIVE_SESSIONS, storeTallies } from '../../background/tallying.ts';
import type { Attention, Plugin } from '../schemas.ts';
import { listAudit } from '../../store/lists/audit.ts';
import { stuckMails } from '../../store/outbox.ts';
import { listPluginCursors } from '../../store/plugin-cursors.ts';
import { countActiveSessions, countEvents, countTallies, listFailures, type StatsRange } from '../../store/lists/stats.ts';

/** The series: name → the event that is counted. */
const SERIES = {
  logins: 'login',
  failed_logins: 'login_failed',
  signups: 'signup',
  logouts: 'logout',
  revocations: 'session_revoked',
  reuse_detections: 'refresh_token_reused',
} as const satisfies Record<string, EventType>;

/** Failed logins within a day that deserve a look: from one address, and for one user. */
const MANY_FROM_ADDRESS = 20;
const MANY_FOR_USER = 10;

const DAY = 86_400;

type AttentionItem = OutputOf<typeof Attention>;

/** The series of a range: each number is the count of one bucket. */
export async function seriesOf(
  kit: Kit,
  range: StatsRange,
): Promise<{ times: number[]; series: Record<string, number[]>; totals: Record<string, number> }> {
  await storeTallies(kit);
  const length = Math.ceil((range.to - range.from) / range.bucket);
  const names = new Map<string, string>(Object.entries(SERIES).map(([name, type]) => [type, name]));
  names.set('refresh', 'refreshes');
  const series = Object.fromEntries([...names.values()].map((name) => [name, new Array<number>(length).fill(0)]));
  const counts = await Promise.all([countEvents(kit.db, Object.values(SERIES), range), countTallies(kit.db, 'refresh', 'sum', range)]);
  for (const { name, index, count } of counts.flat()) {
    const values = series[names.get(name) ?? ''];
    if (values && index < length) values[index] = (values[index] ?? 0) + count;
  }
  const totals = Object.fromEntries(Object.entries(series).map(([name, values]) => [name, values.reduce((sum, each) => sum + each, 0)]));
  return { times: Array.from({ length }, (_, index) => range.from + index * range.bucket), series, totals };
}

/** How many sessions are live now, and how many were at most in each bucket; `null`: nobody has counted then. */
export async function activeSessions(kit: Kit, range: StatsRange): Promise<{ now: number; series: (number | null)[] }> {
  const [now, samples] = await Promise.all([countActiveSessions(kit.db, kit.now()), countTallies(kit.db, ACTIVE_SESSIONS, 'max', range)]);
  const series = new Array<number | null>(Math.ceil((range.to - range.from) / range.bucket)).fill(null);
  for (const { index, count } of samples) series[index] = count;
  const present = Math.floor((kit.now() - range.from) / range.bucket);
  if (present >= 0 && present < series.length) series[present] = Math.max(now, series[present] ?? 0);
  return { now, series };
}

/** What of the last day deserves a look, the gravest first. */
export async function attentionList(kit: Kit): Promise<AttentionItem[]> {
  const since = kit.now() - DAY;
  const [reuse, addresses, users, plugins, mails] = await Promise.all([
    listAudit(kit.db, { type: 'refresh_token_reused', after: since }, { limit: 10 }),
    listFailures(kit.db, 'ip', since, MANY_FROM_ADDRESS),
    listFailures(kit.db, 'user_id', since, MANY_FOR_USER),
    pluginStates(kit),
    stuckMails(kit.db, kit.now()),
  ]);
  return [
    ...reuse.map(({ userEmail, createdAt, sid }): AttentionItem => ({
      kind: 'reuse_detected',
      message: `A used refresh token of ${userEmail ?? 'a user'} came again; the session was ended.`,
      details: { user: userEmail },
      count: 1,
      at: createdAt,
      filter: { event: 'refresh_token_reused', ...(sid !== null && { session: sid }) },
    })),
    ...users.map(({ who, email, count }): AttentionItem => ({
      kind: 'failed_logins_for_user',
      message: `${count} failed logins for ${email ?? who} within a day.`,
      details: { user: email ?? who },
      count,
      at: null,
      filter: { event: 'login_failed', user: who },
    })),
    ...addresses.map(({ who, count }): AttentionItem => ({
      kind: 'failed_logins_from_ip',
      message: `${count} failed logins from ${who} within a day.`,
      details: { ip: who },
      count,
      at: null,
      filter: { event: 'login_failed', ip: who },
    })),
    ...plugins
      .filter(({ failures }) => failures > 0)
      .map(({ name, failures, last_error: error, pending, retry_at: at }): AttentionItem => ({
        kind: 'plugin_failing',
        message: `${name} has failed ${failures} times (${error ?? 'no message'}); ${pending} events wait for it.`,
        details: { plugin: name, failures, error, pending },
        count: pending,
        at,
        filter: { plugin: name },
      })),
    ...(mails ? [mailAttention(mails)] : []),
  ];
}

function mailAttention({ waiting, failed, oldestAt, lastError }: NonNullable<Awaited<ReturnType<typeof stuckMails>>>): AttentionItem {
  const told = `${waiting} mails fail and are tried again, ${failed} were given up (${lastError ?? 'no message'}).`;
  const details = { waiting, failed, error: lastError };
  return { kind: 'mails_stuck', message: told, details, count: waiting + failed, at: oldestAt, filter: {} };
}

/** The plugins in force that hear of events, and how far each has heard. */
export async function pluginStates(kit: Kit): Promise<OutputOf<typeof Plugin>[]> {
  const names = listenersOf(kit);
  return (await listPluginCursors(kit.db))
    .filter(({ plugin }) => names.has(plugin))
    .map((state) => ({
      name: state.plugin,
      heard_until: state.eventId,
      pending: state.pending,
      failures: state.failures,
      last_error: state.lastError,
      retry_at: state.retryAt || null,
      delivered_at: state.deliveredAt || null,
    }));
}
