import { register } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';

/**
 * Runs in Node's thread for loading modules, so it is passed as text. `allauth-from:` resolves a specifier as if a file in another folder
 * imported it; `import.meta.resolve` cannot, and `require.resolve` does not find packages that only support `import`. TypeScript is treated
 * as ES modules whatever the package.json next to it says: as CommonJS it would load its own copy of each package, and `instanceof` would
 * fail.
 */
const HOOKS = `
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('allauth-from:')) {
    const [wanted, parentURL] = JSON.parse(decodeURIComponent(specifier.slice('allauth-from:'.length)));
    return next(wanted, { ...context, parentURL });
  }
  const found = await next(specifier, context);
  const isScript = /\\.ts(\\?|$)/.test(found.url) && !found.url.includes('/node_modules/');
  return isScript && !/^module/.test(found.format ?? '') ? { ...found, format: 'module' } : found;
}`;

let hooked = false;
let typescript: Promise<void> | undefined;

/** Makes `import()` load TypeScript on every Node. Registered without a namespace, in which tsx would load each package a second time. */
export function allowTypeScript(): Promise<void> {
  typescript ??= import('tsx/esm/api').then((tsx) => {
    tsx.register();
    addHooks(); // after tsx's hook, which would otherwise decide the format
  });
  return typescript;
}

/** The file that `import specifier` loads in a file of the folder. @throws {Error} Node's error, with a code */
export function resolveFrom(specifier: string, folder: string): string {
  addHooks();
  const from = pathToFileURL(join(folder, 'config.js')).href;
  const url = import.meta.resolve(`allauth-from:${encodeURIComponent(JSON.stringify([specifier, from]))}`);
  return fileURLToPath(url);
}

function addHooks(): void {
  if (hooked) return;
  hooked = true;
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
}
