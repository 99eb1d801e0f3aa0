import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What runs in the servers' processes. */
const SCRIPTS = ['product.ts', 'floor.ts', 'served.ts', 'guard-servers.ts'];

/**
 * Builds the product, and the servers' scripts beside it: a server that compiles its sources as it starts would be measured with that.
 * Gives the folder of the scripts. @throws {Error} where the product does not build
 */
export function build(): string {
  const built = spawnSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
  if (built.status !== 0) throw new Error('npm run build failed');
  const folder = join(ROOT, 'dist', 'bench');
  mkdirSync(folder, { recursive: true });
  for (const name of SCRIPTS) {
    const { outputText } = ts.transpileModule(readFileSync(join(HERE, name), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, rewriteRelativeImportExtensions: true },
    });
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), outputText);
  }
  return folder;
}
