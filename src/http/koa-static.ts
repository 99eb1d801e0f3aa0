import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Context, Middleware } from 'koa';
import sirv from 'sirv';
import { escapeHtml } from '../mail/render.ts';
import { APP_HEADERS, setSecurityHeaders } from './koa-headers.ts';
import { isBelow } from './koa-mount.ts';

export interface StaticOptions {
  /** The path that the pages lie below, without a slash at its end. */
  root: `/${string}`;
  /** Folder of the built pages, with an `index.html`, and what is named by its content below `assets/`. */
  folder: string;
  /** Paths below `root` that are somebody else's, without a slash at the end. */
  except: readonly string[];
  /** What the start page is told of the server, each as a `<meta>` with this name: a script in the page would need a policy that allows it. */
  meta?: Readonly<Record<string, string>>;
}

const NOT_BUILT = 'The dashboard is not built: run `npm run build` in the checkout. The packages from npm bring it along.\n';

/** Seconds for which what is named by its content may be kept. */
const YEAR = 31_536_000;

/**
 * Serves a single-page app below a path: any path that is no file gives its `index.html`, for the app to read the path itself.
 * What is named by its content is kept for ever, all else is asked for each time.
 */
export function staticMiddleware({ root, folder, except, meta = {} }: StaticOptions): Middleware {
  const site = openSite(folder, root, meta);
  return async (context, next) => {
    const { path } = context;
    if (!isBelow(path, root) || except.some((other) => isBelow(path, other))) {
      await next();
      return;
    }
    setSecurityHeaders(context, APP_HEADERS);
    await respond(context, root, site);
  };
}

interface Site {
  /** The start page, with the path that it is served below as its base: its own addresses are relative to that, at whatever depth it is shown. */
  page: string;
  folder: string;
  files: ReturnType<typeof sirv>;
}

async function respond(context: Context, root: string, site: Site | null): Promise<void> {
  if (!['GET', 'HEAD'].includes(context.method)) {
    context.set('Allow', 'GET, HEAD');
    return answer(context, 405, 'text/plain; charset=utf-8', '');
  }
  if (!site) return answer(context, 404, 'text/plain; charset=utf-8', NOT_BUILT);
  const path = context.path.slice(root.length);
  if (path === '') return context.redirect(`${root}/${context.search}`);
  // A page has no dot in its last part, a file has one: a script that is missing must be a 404, not the page.
  if (path === '/index.html' || !/\.\w+$/.test(path)) return answer(context, 200, 'text/html; charset=utf-8', site.page);
  if (!(await sendFile(context, path, site))) answer(context, 404, 'text/plain; charset=utf-8', 'There is no such file.\n');
}

function answer(context: Context, status: number, type: string, body: string): void {
  context.status = status;
  context.type = type;
  context.set('Cache-Control', 'no-cache');
  context.body = body;
}

/** False: there is none. */
async function sendFile(context: Context, path: string, { folder, files }: Site): Promise<boolean> {
  const { res } = context;
  // The folder was read at the start: a newer version in its place may have taken files away.
  if (!existsSync(join(folder, path))) return false;
  // Nobody else would hear of a file that cannot be read, and the process would end.
  res.once('pipe', (file: Readable) => file.once('error', () => res.destroy()));
  // The folder knows nothing of the path that it is served below.
  const request = Object.create(context.req, { url: { value: path } }) as typeof context.req;
  const closed = new Promise<boolean>((resolve) => res.once('close', () => resolve(true)));
  const { statusCode } = res;
  res.statusCode = 200; // Koa presumes 404
  let missing = false;
  files(request, res, () => {
    missing = true;
  });
  if (missing) {
    res.statusCode = statusCode;
    return false;
  }
  context.respond = false;
  return closed;
}

function openSite(folder: string, root: string, meta: Readonly<Record<string, string>>): Site | null {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return null;
  const told = Object.entries(meta).map(([name, content]) => `<meta name="${escapeHtml(name)}" content="${escapeHtml(content)}">`);
  const page = readFileSync(index, 'utf8').replace(/<head[^>]*>/i, (head) => `${head}<base href="${escapeHtml(root)}/">${told.join('')}`);
  const files = sirv(folder, {
    etag: true,
    setHeaders(response, pathname) {
      response.setHeader('Cache-Control', pathname.startsWith('/assets/') ? `public, max-age=${YEAR}, immutable` : 'no-cache');
    },
  });
  return { page, folder, files };
}
