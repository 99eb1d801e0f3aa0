// Holds the product against the recorded answers of the real django-allauth: run.ts KIT, where KIT is the folder of the conformance kit.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AREAS, LATER } from './areas.ts';

const TARGET = fileURLToPath(new URL('target', import.meta.url));

function runIn(folder: string, command: string, args: readonly string[], capture = false): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${status}`);
  return stdout ?? '';
}

const kit = resolve(process.argv[2] ?? '');
if (!process.argv[2] || !existsSync(join(kit, 'run.mjs'))) throw new Error(`no conformance kit in ${kit}`);

// The kit may lie where nothing can be written, and it brings packages of its own.
const copy = mkdtempSync(join(tmpdir(), 'conformance-kit-'));
try {
  cpSync(kit, copy, { recursive: true, filter: (source) => !source.includes('node_modules') });
  runIn(copy, 'chmod', ['-R', 'u+w', '.']);
  runIn(copy, 'npm', ['ci', '--no-audit', '--no-fund', '--silent']);
  const names: readonly string[] = runIn(copy, process.execPath, ['run.mjs', '--target', TARGET, '--list'], true).match(/^[\w.-]+/gm) ?? [];
  const unknown = Object.keys(LATER).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`the kit has no scenario ${unknown.join(', ')}`);
  const mine = names.filter((name) => AREAS.some((area) => name.startsWith(area)));
  for (const name of mine) if (name in LATER) console.log(`left out: ${name}: ${LATER[name]}`);
  const only = mine.filter((name) => !(name in LATER)).flatMap((name) => ['--only', name]);
  runIn(copy, process.execPath, ['run.mjs', '--target', TARGET, '--golden', 'golden', ...only]);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
