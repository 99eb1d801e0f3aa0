import { z } from 'zod';
import { invalid } from '../../kit/errors.ts';
import { named, reply } from '../../http/reply.ts';
import { fault } from '../../texts/faults.ts';
import { adminEndpoint } from '../endpoint.ts';
import { activeSessions, attentionList, pluginStates, seriesOf } from '../flows/stats.ts';
import { time } from '../inputs.ts';
import { Attention, count, Plugin, time as seconds } from '../schemas.ts';

/** Buckets of one answer. */
const MOST_BUCKETS = 1000;

/** The least bucket: counts are kept by the minute. */
const MINUTE = 60;

const StatsInput = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  bucket: z.coerce
    .number()
    .int()
    .min(MINUTE)
    .max(31 * 86_400)
    .optional(),
});

const Stats = named('Stats', () =>
  z.strictObject({
    from: seconds(),
    to: seconds(),
    bucket: z.int(),
    times: z.array(seconds()),
    series: z.record(z.string(), z.array(count())),
    totals: z.record(z.string(), count()),
    active_sessions: count(),
    active_sessions_series: z.array(count().nullable()).describe('The most at once in each bucket; null: not known'),
    attention: z.array(Attention()),
  }),
);

/** Counts over time, what is now, and what deserves a look. Default: the last day, by the hour. */
export const getStats = adminEndpoint({
  route: 'GET /stats',
  summary: 'Counts over time, and what deserves a look',
  input: StatsInput,
  replies: { 200: reply('StatsReply', () => ({ data: Stats() })) },
  async handle({ kit }, { from: given, to: end, bucket = 3600 }) {
    const to = ceil(end ?? kit.now() + 1, bucket);
    const from = floor(given ?? to - 86_400, bucket);
    if (given !== undefined && end !== undefined && given >= end) throw invalid('from', fault('invalid.order'));
    if (from >= to) throw invalid('from', fault('invalid.future'));
    if ((to - from) / bucket > MOST_BUCKETS) throw invalid('bucket', fault('invalid.buckets', { max: MOST_BUCKETS }));
    const range = { from, to, bucket };
    const [counts, active, attention] = await Promise.all([seriesOf(kit, range), activeSessions(kit, range), attentionList(kit)]);
    return { status: 200, data: { ...range, ...counts, active_sessions: active.now, active_sessions_series: active.series, attention } };
  },
});

/** The plugins that hear of events: how far, and what they fail with. */
export const getPlugins = adminEndpoint({
  route: 'GET /plugins',
  summary: 'How far each plugin has been given the audit log',
  input: z.strictObject({}),
  replies: { 200: reply('Plugins', () => ({ data: z.array(Plugin()) })) },
  handle: async ({ kit }) => ({ status: 200, data: await pluginStates(kit) }),
});

function floor(time: number, bucket: number): number {
  return time - (time % bucket);
}

function ceil(time: number, bucket: number): number {
  return floor(time + bucket - 1, bucket);
}
