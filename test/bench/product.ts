// The product as a child process: `node product.js CONFIG`, with an app's own path behind its guard.
import { readFileSync } from 'node:fs';
import { createAllauth, listen, type Config } from 'allauth-kit';
import { jwtAuth } from 'allauth-kit/koa';
import type { Context, Next } from 'koa';
import { serveParent } from './served.ts';

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Config;
const allauth = await createAllauth(config);
const guard = jwtAuth(allauth);

async function me(context: Context, next: Next): Promise<unknown> {
  if (context.path !== '/api/me') return next();
  return guard(context, async () => {
    context.body = { sub: (context.state as { auth: { sub: string } }).auth.sub };
  });
}

const running = await listen(allauth, { use: [me] });
serveParent(running.url, () => running.close());
