import cluster from 'node:cluster';
import { InvalidArgumentError, type Command } from 'commander';
import { configOption, load } from './open.ts';
import { print } from './output.ts';
import { untilSignal } from './signals.ts';
import { start } from './start.ts';
import { watch } from './watch.ts';
import { serveWatched, type WatchOptions } from './watched.ts';

interface ServeOptions extends WatchOptions {
  watch?: true;
}

/** `allauth serve`: runs the server until it receives a signal. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('Runs the server. Ctrl-C (or SIGTERM) lets requests under way finish; a second one stops at once.')
    .addOption(configOption())
    .option('--host <address>', 'the address to listen on; default: setting HOST')
    .option('--port <number>', 'the port to listen on; default: setting PORT; 0: a free one', parsePort)
    .option('--watch', 'restart when the config or a plugin is saved; if the new server fails, the old one keeps running')
    .addHelpText('after', '\nExample: allauth serve --port 9000 --watch')
    .action((options: ServeOptions) => {
      if (!options.watch) return serve(options);
      return cluster.isWorker ? serveWatched(options) : watch(options);
    });
}

async function serve(options: ServeOptions): Promise<void> {
  const { running, greeting } = await start(await load(options), options);
  const signal = untilSignal();
  print(...greeting);
  await signal;
  await running.close();
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidArgumentError('It is no port: a whole number from 0 to 65535.');
  return port;
}
