import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { defer } from '../support/cleanup.ts';
import { CHECKOUT } from '../support/program.ts';

/** The folder of a project that has this package installed, with these files in it, by path; it goes when the test ends. */
export function configFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'allauth-plugins-')));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(CHECKOUT, join(folder, 'node_modules/allauth-kit'), 'dir');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A token strategy in TypeScript whose access tokens have a claim `from`. */
export function strategySource(name: string, from: string): string {
  return `
    import { JWTTokenStrategy, type UserRecord } from 'allauth-kit/plugin';
    export class ${name} extends JWTTokenStrategy {
      override async getClaims(user: UserRecord): Promise<Record<string, unknown>> {
        return { from: ${JSON.stringify(from)}, name: user.username };
      }
    }`;
}
