import { TriangleAlert } from 'lucide-preact';
import { read, type Query } from '../api/admin.ts';
import type { Attention, Stats } from '../api/types.ts';
import { Chart } from '../parts/chart.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Select } from '../parts/select.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { formatNumber, Time } from '../parts/time.tsx';
import { pathTo, useQuery } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { t } from '../texts.ts';

/** Each range: its seconds, those of a bucket, and what the lists behind the figures call it. */
const RANGES: Record<string, { span: number; bucket: number; period: string }> = {
  day: { span: 86_400, bucket: 3600, period: '1d' },
  week: { span: 604_800, bucket: 21_600, period: '7d' },
  month: { span: 2_592_000, bucket: 86_400, period: '30d' },
};

/** The figures: the series, its color, and the event that its list shows; null: the log has no line for each. */
const FIGURES = [
  ['logins', '--good', 'login'],
  ['failed_logins', '--bad', 'login_failed'],
  ['refreshes', '--accent', null],
  ['revocations', '--warn', 'session_revoked'],
  ['reuse_detections', '--bad', 'refresh_token_reused'],
  ['signups', '--accent', 'signup'],
] as const;

/** What goes on: figures over time, and what deserves a look. */
export function Overview() {
  const [query, go] = useQuery();
  const range = query['range'] ?? 'day';
  const { span, bucket, period } = RANGES[range] ?? { span: 86_400, bucket: 3600, period: '1d' };
  const stats = useResource(
    range,
    async (signal) => (await read<Stats>('stats', { from: Math.floor(Date.now() / 1000) - span, bucket }, signal)).data,
    30_000,
  );
  const { data } = stats;
  return (
    <>
      <PageTitle title={t.overview.title}>
        <span class="grow" />
        <Select
          label={t.overview.range}
          value={range}
          options={Object.entries(t.overview.ranges)}
          onChoice={(value) => go({ range: value === 'day' ? '' : value })}
        />
      </PageTitle>
      {stats.error !== null && !data && <Failed error={stats.error} retry={stats.reload} />}
      {stats.error === null && !data && <Loading rows={6} />}
      {data && (
        <>
          <div class="figures">
            <a class="card figure" href={pathTo('sessions')}>
              <span class="muted">{t.overview.active}</span>
              <strong>{formatNumber(data.active_sessions)}</strong>
            </a>
            <AttentionList attention={data.attention} />
          </div>
          <div class="figures charts">
            {FIGURES.map(([name, color, event]) => (
              <Figure key={name} stats={data} name={name} color={color} to={event && pathTo('audit', { event, period })} />
            ))}
          </div>
        </>
      )}
    </>
  );
}

function Figure({ stats, name, color, to }: { stats: Stats; name: string; color: string; to: string | null }) {
  const label = t.overview.series[name] ?? name;
  const total = stats.totals[name] ?? 0;
  const text = (
    <>
      <span class="muted">{label}</span>
      <strong>{formatNumber(total)}</strong>
    </>
  );
  return (
    <section class="card figure">
      {to === null ? <div class="head">{text}</div> : <a href={to}>{text}</a>}
      <Chart times={stats.times} values={stats.series[name] ?? []} label={t.overview.chart(label, total)} color={color} />
    </section>
  );
}

function AttentionList({ attention }: { attention: readonly Attention[] }) {
  return (
    <section class="card attention" aria-labelledby="attention">
      <h2 id="attention">{t.overview.attention}</h2>
      {attention.length === 0 && <p class="muted">{t.overview.calm}</p>}
      <ul class="plain-list">
        {attention.map((each) => (
          <li key={each.message + String(each.at)} class={each.kind}>
            <TriangleAlert size={16} aria-hidden />
            <a href={linkOf(each)}>{each.message}</a>
            {each.at !== null && <Time at={each.at} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The list that shows it: events, a user's sessions, or the settings for what is the server's own. */
function linkOf({ kind, filter }: Attention): string {
  if (kind === 'staff_without_second_factor') return pathTo('sessions', filter as Query);
  return kind === 'plugin_failing' ? pathTo('settings') : pathTo('audit', { ...filter, period: '1d' });
}
