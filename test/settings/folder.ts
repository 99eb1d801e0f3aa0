import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { SettingsError, type Problem } from '../../src/settings/index.ts';

/** A folder of its own with the files (path → text), gone after the test. */
export function folderWith(t: TestContext, files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'allauth-settings-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** What a call finds wrong with the settings. */
export async function problemsOf(call: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SettingsError) return error.problems;
  throw new Error(`expected a SettingsError, got ${String(error)}`);
}

/** The message about one setting. */
export async function problemOf(call: Promise<unknown>, name: string): Promise<string> {
  return (await problemsOf(call)).find((problem) => problem.name === name)?.message ?? '';
}
