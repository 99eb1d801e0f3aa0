// `npm run example NAME`: installs an example where that has not been done, and starts it beside an auth server of its own. NAME may be the path of a copy.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
const ALLAUTH = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));
const names = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const [name = ''] = process.argv.slice(2);
const folder = resolve(EXAMPLES, name);
if (name === '' || !existsSync(`${folder}/package.json`)) {
  console.error(`npm run example NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(1);
}
/** Where the auth server is part of the example. */
const isWhole = 'koa' in (JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).dependencies ?? {});
const children = [];

if (!existsSync(`${folder}/node_modules`)) {
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
const env = isWhole || process.env.AUTH_URL ? {} : await startServer();
run('npm', ['start'], { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });

/** Starts the auth server with the settings of the example; once it listens, what the example has to know of it. */
async function startServer() {
  const config = `${folder}/allauth.config.js`;
  const token = randomBytes(32).toString('hex');
  const server = run(process.execPath, [ALLAUTH, 'serve', ...(existsSync(config) ? ['--config', config] : [])], {
    env: { ...process.env, SERVICE_TOKENS: JSON.stringify([token]) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((listening) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      console.log(line);
      const [url] = /https?:\/\/\S+/.exec(line) ?? [];
      if (url) listening({ AUTH_URL: url, SERVICE_TOKEN: token });
    });
  });
}

/** Runs a program in the example's folder; when one ends, so do the others. */
function run(program, args, options) {
  // A group of its own: npm and its shell do not hand signals on.
  const child = spawn(program, args, { cwd: folder, detached: true, ...options });
  children.push(child);
  child.once('exit', (code) => {
    process.exitCode ??= code ?? 0;
    stop();
  });
  return child;
}

function stop() {
  for (const { pid, exitCode, signalCode } of children) {
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGTERM');
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
