import { texts, useTexts } from '../state/language.ts';

/** A time in relation to now; the exact one on hover and for screen readers. `at`: Unix seconds; null: never. */
export function Time({ at }: { at: number | null }) {
  const t = useTexts();
  if (at === null) return <span class="muted">{t.time.never}</span>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exactTime(at)}>
      {relativeTime(at)}
    </time>
  );
}

/** "2d ago"; "just now" for less than a minute. */
export function relativeTime(at: number): string {
  const { words, time } = texts();
  return words.relativeTime(at) ?? time.now;
}

export function exactTime(at: number): string {
  return texts().words.exactTime(at);
}

export function formatNumber(value: number): string {
  return texts().words.number(value);
}
