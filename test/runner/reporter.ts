// A reporter of node:test: what the run needs of one file.
import { inspect } from 'node:util';
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import type { Outcome, ReportLine } from './report.ts';

/** Yields a line of JSON for each failed and each skipped test, and at the end one for each count. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  /** Names of the tests that are open, outermost first. */
  const path: string[] = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      path.length = data.nesting;
      path.push(data.name);
    }
    if (type === 'test:fail' && !isParentOnly(data)) yield lineOf({ type: 'failed', name: nameOf(path, data), error: errorOf(data) });
    if (type === 'test:pass' && data.skip !== undefined)
      yield lineOf({ type: 'skipped', name: nameOf(path, data), reason: String(data.skip) });
    if (type === 'test:diagnostic' && data.nesting === 0) {
      const [, of, count] = /^(pass|fail|cancelled|skipped|todo) (\d+)$/.exec(data.message) ?? [];
      if (of) yield lineOf({ type: 'count', of: of as Outcome, number: Number(count) });
    }
  }
}

function lineOf(line: ReportLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Whether a test failed only because one inside it did. */
function isParentOnly({ details }: EventData.TestFail): boolean {
  return Reflect.get(details.error, 'failureType') === 'subtestsFailed';
}

function nameOf(path: readonly string[], { name, nesting }: { name: string; nesting: number }): string {
  return [...path.slice(0, nesting), name].join(' > ');
}

function errorOf({ details }: EventData.TestFail): string {
  return inspect(details.error.cause ?? details.error, { depth: 6 });
}
