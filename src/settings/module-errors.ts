import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A module that could not be loaded. The message says which and why, in one line. */
export class ModuleError extends Error {
  /** `not-found`: it does not exist; `broken`: it exists but does not load. */
  readonly kind: 'not-found' | 'broken';

  constructor(kind: 'not-found' | 'broken', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ModuleError';
    this.kind = kind;
  }
}

/** Why a file does not load, with the position if known. */
export function brokenModule(file: string, error: unknown): ModuleError {
  return new ModuleError('broken', `${file} does not load: ${reasonOf(file, error)}`, { cause: error });
}

function reasonOf(file: string, error: unknown): string {
  if (!(error instanceof Error)) return `it throws ${String(error)}`;
  const syntax = /^(.+:\d+:\d+): ERROR: (.+)$/m.exec(error.message); // esbuild
  if (syntax) return `${syntax[2]} (${syntax[1]})`;
  if (error instanceof SyntaxError)
    return `${error.message} (${placeInHead(error.stack) ?? checkedPlace(file) ?? 'in it or in a file that it imports'})`;
  const place = placeOfThrow(error.stack);
  const name = error.name === 'Error' ? '' : `${error.name}: `;
  return `${name}${error.message}${place ? ` (${place})` : ''}`;
}

/** For some syntax errors, Node puts `path:line` and the source line before the stack trace. */
function placeInHead(stack = ''): string | null {
  const [first = ''] = stack.split('\n');
  return /^(file:\/\/|\/|[A-Z]:\\).*:\d+$/.test(first) ? plainPath(first) : null;
}

/** The error of a syntax error in an ES module does not contain the position; Node's own check of the file does. */
function checkedPlace(file: string): string | null {
  try {
    execFileSync(process.execPath, ['--check', file], { stdio: 'pipe', env: {}, timeout: 5000 });
    return null;
  } catch (error) {
    const output: unknown = error instanceof Error ? Reflect.get(error, 'stderr') : '';
    return placeInHead(String(output));
  }
}

/** The first line of the stack trace that is neither in Node nor in a package. */
function placeOfThrow(stack = ''): string | null {
  for (const line of stack.split('\n')) {
    const place = /^\s+at (?:.*\()?((?:file:\/\/|\/|[A-Z]:\\).*:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place === undefined || /[\\/]node_modules[\\/]/.test(place)) continue;
    const path = plainPath(place);
    return path.startsWith(HERE) ? null : path;
  }
  return null;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));

function plainPath(place: string): string {
  const [, path = place, rest = ''] = /^(.*?)((?::\d+)+)$/.exec(place) ?? [];
  return `${path.startsWith('file:') ? fileURLToPath(path) : path}${rest}`;
}
