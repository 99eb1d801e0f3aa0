/** A problem of the settings. */
export interface Problem {
  /** The setting; '' if it concerns the config as a whole. */
  name: string;
  /** Where the value comes from: the path of a file, the name of an environment variable, or a description. */
  source: string;
  /** A sentence without the name and the source. */
  message: string;
}

/** The settings are invalid. The message lists all problems, one per line. */
export class SettingsError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(line).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
    // A stack trace does not help: the settings must be changed, not the program.
    this.stack = `${this.name}: ${this.message}`;
  }
}

function line({ name, source, message }: Problem): string {
  const subject = [name, source && (name ? `(${source})` : source)].filter(Boolean).join(' ');
  return subject ? `${subject}: ${message}` : message;
}
