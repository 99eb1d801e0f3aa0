import { TriangleAlert } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { change, read } from '../api/admin.ts';
import type { Attention } from '../api/types.ts';
import { Chart } from '../parts/chart.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Select } from '../parts/select.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { formatNumber, Time } from '../parts/time.tsx';
import { pathTo, useQuery } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { say, sayFailure } from '../state/toasts.ts';
import { texts, useTexts } from '../state/language.ts';
import type { Noteworthy } from '../texts/en.ts';
import { named } from '../texts/words.ts';

/** Each range: its seconds, those of a bucket, and what the lists behind the figures call it. */
const RANGES: Record<string, { span: number; bucket: number; period: string }> = {
  day: { span: 86_400, bucket: 3600, period: '1d' },
  week: { span: 604_800, bucket: 21_600, period: '7d' },
  month: { span: 2_592_000, bucket: 86_400, period: '30d' },
};

/** The figures: the series, its color, and the event that its list shows; null: the log has no line for each, but a session tells when it was seen. */
const FIGURES = [
  ['logins', '--good', 'login'],
  ['failed_logins', '--bad', 'login_failed'],
  ['refreshes', '--accent', null],
  ['revocations', '--warn', 'session_revoked'],
  ['reuse_detections', '--bad', 'refresh_token_reused'],
  ['signups', '--accent', 'signup'],
] as const;

const ACTIVE = { sort: '-last_seen_at' };

/** What goes on: figures over time, and what deserves a look. */
export function Overview() {
  const t = useTexts();
  const [query, go] = useQuery();
  const range = query['range'] ?? 'day';
  const { span, bucket, period } = RANGES[range] ?? { span: 86_400, bucket: 3600, period: '1d' };
  const stats = useResource(
    range,
    async (signal) => (await read('stats', { from: Math.floor(Date.now() / 1000) - span, bucket }, signal)).data,
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
            <Figure
              label={t.overview.active}
              value={data.active_sessions}
              to={pathTo('sessions')}
              {...{ times: data.times, values: data.active_sessions_series, color: '--accent' }}
              picture={t.overview.level(t.overview.active, data.active_sessions)}
            />
            <AttentionList attention={data.attention} onDone={stats.reload} />
          </div>
          <div class="figures charts">
            {FIGURES.map(([name, color, event]) => {
              const [label, value] = [named(t.overview.series, name), data.totals[name] ?? 0];
              return (
                <Figure
                  key={name}
                  {...{ label, value, color, times: data.times, values: data.series[name] ?? [] }}
                  to={event === null ? pathTo('sessions', ACTIVE) : pathTo('audit', { event, period })}
                  picture={t.overview.chart(label, value)}
                />
              );
            })}
          </div>
        </>
      )}
    </>
  );
}

interface FigureProps {
  label: string;
  value: number;
  /** The list that it is the number of. */
  to: string;
  times: readonly number[];
  values: readonly (number | null)[];
  color: string;
  /** What the chart is to screen readers. */
  picture: string;
}

function Figure({ label, value, to, times, values, color, picture }: FigureProps) {
  return (
    <section class="card figure">
      <a href={to}>
        <span class="muted">{label}</span>
        <strong>{formatNumber(value)}</strong>
      </a>
      <Chart {...{ times, values, color }} label={picture} />
    </section>
  );
}

function AttentionList({ attention, onDone }: { attention: readonly Attention[]; onDone: () => void }) {
  const t = useTexts();
  return (
    <section class="card attention" aria-labelledby="attention">
      <h2 id="attention">{t.overview.attention}</h2>
      {attention.length === 0 && <p class="muted">{t.overview.calm}</p>}
      <ul class="plain-list">
        {attention.map((each) => (
          <li key={each.message + String(each.at)} class={each.kind}>
            <TriangleAlert size={16} aria-hidden />
            {each.kind === 'mails_stuck' ? <span>{textOf(each)}</span> : <a href={linkOf(each)}>{textOf(each)}</a>}
            {each.at !== null && <Time at={each.at} />}
            {each.kind === 'mails_stuck' && <RetryMails onDone={onDone} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function textOf({ kind, message, details, count }: Attention): string {
  const t = texts();
  const wordings: Readonly<Record<string, Noteworthy>> = t.overview.noteworthy;
  return wordings[kind]?.(details ?? {}, count) ?? message;
}

/** Has mails that failed tried now. */
function RetryMails({ onDone }: { onDone: () => void }) {
  const t = useTexts();
  const [busy, setBusy] = useState(false);
  const retry = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await change('POST', 'outbox/retry');
      if (answer) say(t.overview.mailsRetried(answer.retried));
      onDone();
    } catch (error) {
      sayFailure(error);
    }
    setBusy(false);
  };
  return (
    <button type="button" class="small" disabled={busy} onClick={() => void retry()}>
      {t.overview.retryMails}
    </button>
  );
}

/** The list that shows it: events, or the settings for what is the server's own. */
function linkOf({ kind, filter }: Attention): string {
  return kind === 'plugin_failing' ? pathTo('settings') : pathTo('audit', { ...filter, period: '1d' });
}
