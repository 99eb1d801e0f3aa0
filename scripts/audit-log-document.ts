import { readFileSync } from 'node:fs';
import { EVENTS } from '../src/contracts/events.ts';

const BLOCK = /(<!-- events: [^>]*-->\n)[\s\S]*?(<!-- \/events -->)/;

/** The text of docs/audit-log.md with its table of events made from the declarations. */
export function auditLogDocument(): string {
  const text = readFileSync(new URL('../docs/audit-log.md', import.meta.url), 'utf8');
  const rows = Object.entries(EVENTS).map(
    ([type, { doc, details }]) => `| \`${type}\` | ${doc} | ${details.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const table = [
    '<!-- prettier-ignore-start -->',
    '',
    '| event | when | details |',
    '|---|---|---|',
    ...rows,
    '',
    '<!-- prettier-ignore-end -->',
  ].join('\n');
  if (!BLOCK.test(text)) throw new Error('docs/audit-log.md has no place for the events');
  return text.replace(BLOCK, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`);
}
