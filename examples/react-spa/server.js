// One process: the auth server, an API behind its guard, and the page that Vite has built.
import { fileURLToPath } from 'node:url';
import Koa from 'koa';
import sirv from 'sirv';
import { createAllauth } from 'allauth-kit';
import { jwtAuth } from 'allauth-kit/koa';

const allauth = await createAllauth(); // with the settings of allauth.config.js
const { HOST, PORT } = allauth.kit.settings;
const guard = jwtAuth(allauth);
const files = sirv(fileURLToPath(new URL('dist', import.meta.url)), { single: true });

const app = new Koa();
app.use(allauth.middleware);
app.use(async (context, next) => {
  if (!context.path.startsWith('/api/')) return next();
  await guard(context, async () => {
    const { email } = await context.state.user();
    context.body = { message: `The API knows you as ${email}.` };
  });
});
app.use((context) => {
  context.respond = false; // sirv answers by itself
  files(context.req, context.res, () => context.res.writeHead(404).end());
});

const server = app.listen(PORT, HOST, () => console.log(`LISTENING http://${HOST}:${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    await allauth.close();
  });
}
