import { readFileSync } from 'node:fs';

/** What a test file reported, a line of JSON each. */
export type ReportLine =
  | { type: 'failed'; name: string; error: string }
  | { type: 'skipped'; name: string; reason: string }
  | { type: 'count'; of: Outcome; number: number };

export type Outcome = 'pass' | 'fail' | 'cancelled' | 'skipped' | 'todo';

export interface Report {
  readonly failures: { name: string; error: string }[];
  /** Names of skipped tests by reason. */
  readonly skipped: { name: string; reason: string }[];
  readonly counts: Record<Outcome, number>;
  /** Whether the file ran to its end. */
  complete: boolean;
}

/** The report in the file that the reporter wrote; without counts if the process ended before. */
export function readReport(file: string): Report {
  const report: Report = { failures: [], skipped: [], counts: { pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 }, complete: false };
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const read = JSON.parse(line) as ReportLine;
    if (read.type === 'failed') report.failures.push(read);
    else if (read.type === 'skipped') report.skipped.push(read);
    else {
      report.counts[read.of] = read.number;
      report.complete = true;
    }
  }
  return report;
}
