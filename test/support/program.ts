import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the checkout. */
export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/** Whether the package resolves to its sources (a test file run alone with tsx), or to what was built (`npm test`). Child processes do the same. */
const FROM_SOURCES = import.meta.resolve('allauth-kit').endsWith('.ts');

/** Flags of a Node process that loads the package as this process does. */
export const NODE_FLAGS: readonly string[] = FROM_SOURCES ? ['--conditions=allauth-source', '--import', import.meta.resolve('tsx')] : [];

/** The file that is loaded for a source file such as `src/cli.ts`: itself, or what it was compiled to. Absolute path. */
export function loadedFile(source: string): string {
  return FROM_SOURCES ? resolve(CHECKOUT, source) : resolve(CHECKOUT, 'dist', source.replace(/\.ts$/, '.js'));
}

/** As `loadedFile`, as an address for `import()`. */
export function loadedUrl(source: string): string {
  return pathToFileURL(loadedFile(source)).href;
}

/** Arguments of Node that run a source file such as `src/cli.ts`. */
export function programOf(source: string): string[] {
  return [...NODE_FLAGS, loadedFile(source)];
}
