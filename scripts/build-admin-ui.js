// Builds the dashboard into dist/admin-ui where its sources are newer than what is there, so that a start without changes stays quick.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../admin-ui', import.meta.url));
const PAGE = fileURLToPath(new URL('../dist/admin-ui/index.html', import.meta.url));

/** Milliseconds; 0 where there is none. */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true }).map(({ parentPath, name }) => join(parentPath, name));
const newest = Math.max(...files.map(changedAt));
/** Left by `npm run dev` when it was killed. */
const isFromDevelopment = existsSync(fileURLToPath(new URL('../dist/admin-ui/reload.js', import.meta.url)));
if (newest > changedAt(PAGE) || isFromDevelopment) {
  const { build } = await import('vite');
  await build({ configFile: join(SOURCES, 'vite.config.ts'), logLevel: 'warn' });
}
