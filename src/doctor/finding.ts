/** Something that is unsafe in production. */
export interface Finding {
  area: 'mode' | 'keys' | 'cookies' | 'https' | 'mail' | 'database' | 'clock' | 'accounts' | 'plugins';
  /** `error`: fix it before production. `warning`: accept it only on purpose. */
  level: 'error' | 'warning';
  /** What is wrong. Contains no secret. */
  message: string;
  /** What to do. */
  advice: string;
}
