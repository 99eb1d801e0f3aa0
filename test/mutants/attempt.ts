import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Attempt {
  readonly outcome: 'passed' | 'failed' | 'hung';
  readonly seconds: number;
}

/** A test that failed, in TAP. */
const FAILED = /^\s*not ok (?!.*# (?:SKIP|TODO))/m;

/** Runs a test file of the sandbox until its first test fails, `limit` seconds have passed, or it has ended. */
export async function attempt(
  sandbox: string,
  file: string,
  limit: number,
  env: Readonly<Record<string, string>>,
  shared: string,
): Promise<Attempt> {
  const started = performance.now();
  const temporary = mkdtempSync(join(shared, 't-'));
  const child = spawn(process.execPath, ['--test-reporter=tap', join(sandbox, 'dist', file.replace(/\.ts$/, '.js'))], {
    cwd: sandbox,
    env: { ...process.env, CI: '', ALLAUTH_TEST_SHARED: shared, TMPDIR: temporary, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  };
  let [failed, hung, output] = [false, false, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    output = output.slice(-4096) + chunk.toString();
    failed ||= FAILED.test(output);
    if (failed) kill();
  });
  const timer = setTimeout(() => {
    hung = true;
    kill();
  }, limit * 1000);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  kill();
  rmSync(temporary, { recursive: true, force: true });
  const seconds = (performance.now() - started) / 1000;
  if (failed || (code !== 0 && !hung)) return { outcome: 'failed', seconds };
  return { outcome: hung ? 'hung' : 'passed', seconds };
}
