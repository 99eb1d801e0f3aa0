// Compiles the tests into dist/test, beside dist/src and dist/plugins, so that they run on the package as it is published and no process compiles again.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist');
/** What tests import besides each other, src and plugins. */
const FOLDERS = ['test', 'scripts'];

const entryPoints = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(ROOT, folder, name)),
);

/** Leaves every import as it is, with `.js` instead of `.ts`. */
const keepImports = {
  name: 'keep-imports',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind }) => {
      if (kind === 'entry-point') return null;
      return { path: path.startsWith('.') ? path.replace(/\.ts$/, '.js') : path, external: true };
    });
    // `import.meta.url` stays the address of the source: what a test opens beside itself is there. On the first line, so that lines keep their numbers.
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: `const SOURCE_URL = ${JSON.stringify(pathToFileURL(path).href)};${readFileSync(path, 'utf8')}`,
      loader: 'ts',
      resolveDir: dirname(path),
    }));
  },
};

for (const folder of FOLDERS) rmSync(join(OUT, folder), { recursive: true, force: true });
await build({
  entryPoints,
  outdir: OUT,
  outbase: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  define: { 'import.meta.url': 'SOURCE_URL' },
  plugins: [keepImports],
  logLevel: 'warning',
});
