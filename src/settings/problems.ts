/** One thing that is wrong with the settings. */
export interface Problem {
  /** The setting; '' where it is about the config as a whole. */
  name: string;
  /** Where the value comes from: the path of a file, the name of an environment variable, or words. */
  source: string;
  /** A sentence without the name and the source. */
  message: string;
}

/** The settings cannot be used. The message has all that is wrong with them, a line each. */
export class SettingsError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(line).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
    // Whoever reads it has to change a setting, not this program.
    this.stack = `${this.name}: ${this.message}`;
  }
}

function line({ name, source, message }: Problem): string {
  const subject = [name, source && (name ? `(${source})` : source)].filter(Boolean).join(' ');
  return subject ? `${subject}: ${message}` : message;
}
