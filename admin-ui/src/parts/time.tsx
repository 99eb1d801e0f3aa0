import { t } from '../texts.ts';

const exact = new Intl.DateTimeFormat(t.locale, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(t.locale, { numeric: 'auto', style: 'narrow' });
const number = new Intl.NumberFormat(t.locale);

/** Seconds of the units, the longest first. */
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** A time in relation to now; the exact one on hover and for screen readers. `at`: Unix seconds; null: never. */
export function Time({ at }: { at: number | null }) {
  if (at === null) return <span class="muted">{t.time.never}</span>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
      {relativeTime(at)}
    </time>
  );
}

/** "2 days ago"; less than a minute is now. */
export function relativeTime(at: number): string {
  const away = at - Date.now() / 1000;
  for (const [unit, seconds] of UNITS) {
    if (Math.abs(away) >= seconds) return relative.format(Math.trunc(away / seconds), unit);
  }
  return t.time.now;
}

export function exactTime(at: number): string {
  return exact.format(at * 1000);
}

export function formatNumber(value: number): string {
  return number.format(value);
}
