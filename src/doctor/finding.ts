/** Something that is not fit for production. */
export interface Finding {
  area: 'mode' | 'keys' | 'cookies' | 'https' | 'mail' | 'database' | 'clock' | 'accounts' | 'plugins';
  /** `error`: do not go into production with it. `warning`: know what you do. */
  level: 'error' | 'warning';
  /** What is wrong. Holds no secret. */
  message: string;
  /** What to do. */
  advice: string;
}
