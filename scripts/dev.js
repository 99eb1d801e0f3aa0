// `npm run dev`: the server and the dashboard from their sources. A save restarts the server; one in admin-ui builds the dashboard too, and reloads its
// pages. Arguments are those of `allauth serve`, but for `--inspect…`, which is Node's.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const pathOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const DASHBOARD = pathOf('dist/admin-ui');

/** In each page: asks twice a second which build the server has. */
const RELOAD = `let shown;
setInterval(async () => {
  const response = await fetch('build.json', { cache: 'no-store' }).catch(() => null); // null: the server restarts
  if (!response?.ok) return;
  const built = await response.text();
  if (shown !== undefined && built !== shown) location.reload();
  shown = built;
}, 500);
`;

const reloadPages = {
  name: 'reload-pages',
  transformIndexHtml: () => [{ tag: 'script', attrs: { src: './reload.js' } }],
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'reload.js', source: RELOAD });
    this.emitFile({ type: 'asset', fileName: 'build.json', source: `${Date.now()}` });
  },
};

/** As it was: Vite sets NODE_ENV to production. */
const env = { ...process.env };

const watcher = await build({
  configFile: pathOf('admin-ui/vite.config.ts'),
  plugins: [reloadPages],
  build: { watch: {}, emptyOutDir: false, minify: false, sourcemap: true },
  logLevel: 'warn',
});
let server;
watcher.on('event', (event) => {
  if (event.code === 'ERROR') console.error(event.error.message);
  if (event.code === 'END') server ??= startServer();
});

function startServer() {
  const isForNode = (argument) => argument.startsWith('--inspect');
  const [flags, options] = [process.argv.filter(isForNode), process.argv.slice(2).filter((argument) => !isForNode(argument))];
  const watch = ['watch', '--clear-screen=false', '--include', `${DASHBOARD}/index.html`];
  const program = ['--conditions=allauth-source', pathOf('src/cli.ts'), 'serve', ...options];
  const child = spawn(process.execPath, [pathOf('node_modules/tsx/dist/cli.mjs'), ...watch, ...flags, ...program], {
    env,
    stdio: 'inherit',
  });
  child.once('exit', (code) => stop(code ?? 0));
  return child;
}

/** The dashboard built here is not the one to publish or to test: the next build makes it again. */
async function stop(code) {
  await watcher.close();
  rmSync(DASHBOARD, { recursive: true, force: true });
  process.exit(code);
}

// On a terminal the server gets Ctrl-C itself, and ends; tsx passes other signals on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => (server ? server.kill('SIGTERM') : void stop(0)));
