// Runs the suite: all files, then those of whole servers once more on PostgreSQL where one answers, and last the search of all logs for secrets.
// Arguments are texts that the paths of the files to run contain. Ends with the counts of all runs together.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { POSTGRESQL_URL, withoutPostgresql } from './store/databases.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Looks at what the other files have left, so it comes last. */
const LAST = join(HERE, 'no-secrets.test.ts');

const counts = { pass: 0, fail: 0, cancelled: 0, skipped: 0 };

async function runFiles(title: string, files: string[]): Promise<void> {
  if (files.length === 0) return;
  console.log(`\n# ${title}: ${files.length} files`);
  const stream = run({ files, concurrency: availableParallelism() });
  stream.on('test:diagnostic', ({ nesting, message, file }) => {
    const [, name = '', count] = /^(pass|fail|cancelled|skipped) (\d+)$/.exec(message) ?? [];
    if (nesting === 0 && file === undefined && name in counts) counts[name as keyof typeof counts] += Number(count);
  });
  const text = stream.compose(spec as unknown as (source: AsyncIterable<unknown>) => AsyncIterable<unknown>);
  for await (const chunk of text) process.stdout.write(String(chunk));
}

const wanted = process.argv.slice(2);
const files = readdirSync(HERE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && wanted.every((part) => name.includes(part)))
  .map((name) => join(HERE, name))
  .filter((file) => file !== LAST)
  .sort();
/** What pages in a browser show does not hang on the database: what they ask for is tested on each. */
const PAGES = ['examples', 'admin-ui'].map((folder) => join(HERE, folder));
const ofServers = files.filter(
  (file) => !PAGES.some((folder) => file.startsWith(folder)) && /support\/server\.ts|'\.\/support\.ts'/.test(readFileSync(file, 'utf8')),
);

const folder = mkdtempSync(join(tmpdir(), 'allauth-run-'));
process.env['ALLAUTH_TEST_RUN'] = folder;
try {
  await runFiles('SQLite', files);
  if (withoutPostgresql === false) {
    process.env['ALLAUTH_TEST_DATABASE'] = POSTGRESQL_URL;
    await runFiles('PostgreSQL', ofServers);
    delete process.env['ALLAUTH_TEST_DATABASE'];
  } else console.log(`\n# PostgreSQL: skipped ${ofServers.length} files: ${withoutPostgresql}`);
  if (wanted.length === 0) await runFiles(relative(HERE, LAST), [LAST]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const failed = counts.fail + counts.cancelled;
console.log(`\n${counts.pass} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exitCode = failed > 0 || counts.pass === 0 ? 1 : 0;
