/** Numbers, counts and times in one language (BCP 47). Times are Unix seconds. */
export function wordsOf(language: string) {
  const numbers = new Intl.NumberFormat(language);
  const plurals = new Intl.PluralRules(language);
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  // German's narrow form abbreviates minutes to "m", which reads as metres.
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: language === 'en' ? 'narrow' : 'short' });
  const number = (value: number): string => numbers.format(value);
  return {
    number,
    /** "1 session", "2 sessions". */
    plural: (count: number, one: string, many: string): string => `${number(count)} ${plurals.select(count) === 'one' ? one : many}`,
    exactTime: (at: number): string => exact.format(at * 1000),
    /** "2d ago"; `null` if it is less than a minute away. */
    relativeTime(at: number): string | null {
      const away = at - Date.now() / 1000;
      const unit = UNITS.find(([, seconds]) => Math.abs(away) >= seconds);
      return unit ? relative.format(Math.trunc(away / unit[1]), unit[0]) : null;
    },
    /** Labels for the axis of a chart: times of day, or days. */
    axisTimes(times: readonly number[], step: number): string[] {
      const format = new Intl.DateTimeFormat(
        language,
        step < 86_400 ? { hour: 'numeric', minute: '2-digit' } : { day: 'numeric', month: 'short' },
      );
      return times.map((at) => format.format(at * 1000));
    },
  };
}

/** Seconds of the units, the longest first. */
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** Returns the text of a key, or the key itself if it is one that only the server knows. */
export function named(texts: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(texts, key) ? (texts[key] ?? key) : key;
}
