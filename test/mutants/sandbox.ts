import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CHECKOUT } from '../support/program.ts';
import { mutate, type Mutant } from './mutate.ts';

/** What a sandbox has a copy of. */
const COPIED = ['allauth.config.ts', 'admin-ui', 'dist', 'docs', 'package.json', 'plugins', 'scripts', 'src', 'test', 'tsconfig.json'];

/** Makes a copy of the checkout with all mutants of the files compiled into it. */
export function makeSandbox(folder: string, files: readonly string[]): Mutant[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of COPIED) cpSync(join(CHECKOUT, name), join(folder, name), { recursive: true });
  symlinkSync(join(CHECKOUT, 'node_modules'), join(folder, 'node_modules'));
  const built = spawnSync(process.execPath, ['scripts/build-tests.js'], { cwd: folder, stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the tests do not compile');

  const mutants: Mutant[] = [];
  for (const file of files) {
    const target = join(folder, 'dist', file.replace(/\.ts$/, '.js'));
    const runtime = relative(dirname(target), join(folder, 'dist/test/mutants/runtime.js'));
    const made = mutate(
      file,
      readFileSync(join(CHECKOUT, file), 'utf8'),
      mutants.length,
      runtime.startsWith('.') ? runtime : `./${runtime}`,
    );
    mutants.push(...made.mutants);
    writeFileSync(target, made.code);
  }
  return mutants;
}

/** The TypeScript files below these paths, from the checkout. */
export function sourcesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path.endsWith('.ts')) return [path];
    const names = readdirSync(join(CHECKOUT, path), { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(path, name))
      .sort();
  });
}
