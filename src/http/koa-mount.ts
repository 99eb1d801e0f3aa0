import type { Context } from 'koa';
import type { Kit } from '../kit/kit.ts';
import type { Area, Mount } from './area.ts';
import { refuseUnknownHost } from './koa-hosts.ts';

/** A mount that was opened. */
export interface OpenMount {
  path: string;
  handle: ReturnType<Mount['open']>;
}

/** Opens the mounts of the areas that the settings leave in. @throws {Error} if one of them lies above or below another, or a path in `others` */
export function openMounts(kit: Kit, areas: readonly Area[], others: Iterable<string>): OpenMount[] {
  const mounts = areas.flatMap((area) => area.mounts ?? []).filter((mount) => mount.enabled?.(kit) ?? true);
  const taken = [...others];
  for (const { path } of mounts) {
    const other = taken.find((each) => isBelow(each, path) || isBelow(path, each));
    if (other !== undefined) throw new Error(`${path} and ${other} claim the same paths`);
    taken.push(path);
  }
  return mounts.map((mount) => ({ path: mount.path, handle: mount.open(kit) }));
}

/** Whether `path` is `root` or lies below it. */
export function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/**
 * Has a mount answer the request.
 * @throws {Refusal} 400 for an unknown host; what the handler throws: if its reply has begun, the connection is closed, so that no client takes it for whole
 */
export async function serveMount(kit: Kit, context: Context, { path, handle }: OpenMount): Promise<void> {
  refuseUnknownHost(kit, context);
  const { req, res } = context;
  const headers = new Set(res.getHeaderNames());
  const { url } = req;
  Object.assign(req, { url: `${context.path.slice(path.length) || '/'}${context.search}`, originalUrl: url });
  res.statusCode = 200; // Koa presumes 404
  context.respond = false;
  try {
    await handle(req, res);
  } catch (error) {
    if (res.headersSent) res.destroy();
    else {
      context.respond = true;
      for (const name of res.getHeaderNames()) if (!headers.has(name)) res.removeHeader(name);
    }
    throw error;
  } finally {
    Object.assign(req, { url }); // what runs around this logs the whole path
  }
}
