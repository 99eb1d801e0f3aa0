import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { defer } from '../support/cleanup.ts';
import { CHECKOUT } from '../support/program.ts';

export const EXAMPLES = join(CHECKOUT, 'examples/');

/** Why what takes the package as it is published cannot run here; false: it can. Where CI is set it has to. */
export const withoutBuild =
  process.env['CI'] || existsSync(join(CHECKOUT, 'dist/src/cli.js')) ? false : 'the package is not built: npm run build';

/** A copy of an example with what it depends on, as `npm install` links it: the folder. */
export function installed(t: TestContext, name: string, packages: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), `allauth-${name}-`));
  defer(t, () => rmSync(folder, { recursive: true }));
  cpSync(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => !/node_modules|\/dist$|\.sqlite3/.test(path) });
  for (const each of ['allauth-kit', ...packages]) {
    const link = join(folder, 'node_modules', each);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(each === 'allauth-kit' ? CHECKOUT : join(CHECKOUT, 'node_modules', each), link);
  }
  return folder;
}

/** Starts a program of an example; its address once it listens. It is killed when the test ends. */
export async function start(
  t: TestContext,
  command: readonly [program: string, ...args: string[]],
  env: Readonly<Record<string, string>>,
  folder = EXAMPLES,
): Promise<string> {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  defer(t, async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.kill('SIGKILL')) await ended;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^LISTENING (.+)$/.exec(line) ?? [];
    if (url) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`${command.join(' ')} ended before it listened`);
}
