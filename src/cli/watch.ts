import cluster, { type Worker } from 'node:cluster';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { errorCode } from '../log/error-code.ts';
import { print, printAside } from './output.ts';
import { watchSaves, type Saves } from './saves.ts';
import { untilSignal } from './signals.ts';
import { configFolders, foldersOf } from './sources.ts';
import type { Listening, Order, Report, WatchOptions } from './watched.ts';

/** The servers of one `--watch`, each in its own process. */
interface Servers {
  /** The server that answers; `null` until the first one listens, and after it has died. */
  serving: Worker | null;
  /** The server that takes over once it listens. */
  starting: Worker | null;
  /** The process that waits for the next save, with everything loaded except the user's files. */
  waiting: Worker | null;
  /** The processes that have reported that they are ready to start. */
  ready: WeakSet<Worker>;
  /** When the starting server was told to start, in milliseconds of `performance.now()`. */
  began: number;
  /** Where the last server listened. */
  port: number | null;
  greeted: boolean;
  stopping: boolean;
}

/**
 * Runs the server in its own process. Each save of the config or a plugin starts a new server, which takes over once it listens; if it
 * fails, the old one continues. They share the port, so that no connection is refused.
 */
export async function watch({ config }: WatchOptions): Promise<void> {
  const servers: Servers = {
    serving: null,
    starting: null,
    waiting: null,
    ready: new WeakSet(),
    began: 0,
    port: null,
    greeted: false,
    stopping: false,
  };
  const saves = watchSaves(() => startNew(servers, saves, config));
  const signal = untilSignal(() => kill(workers()));
  startNew(servers, saves, config);
  await signal;

  servers.stopping = true;
  saves.close();
  const ended = workers().map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  kill(workers().filter((worker) => worker === servers.starting || worker === servers.waiting));
  if (servers.serving) order(servers.serving, { type: 'stop' });
  await Promise.all(ended);
}

function startNew(servers: Servers, saves: Saves, config: string | undefined): void {
  if (servers.starting) kill([servers.starting]); // it has read files that were saved again since
  saves.cover(foldersToWatch(config));
  const worker = servers.waiting ?? fork(servers, saves);
  Object.assign(servers, { starting: worker, waiting: null, began: performance.now() });
  if (servers.ready.has(worker)) tellToStart(servers, worker);
}

/** The error of writing to a process that has just exited; its exit event says how it ended. */
const HAS_LEFT = new Set(['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED']);

/** A process that waits for the message to start. */
function fork(servers: Servers, saves: Saves): Worker {
  const worker = cluster.fork();
  worker.on('message', (message: Report) => {
    if (message.type === 'stopped') return order(worker, { type: 'leave' });
    if (servers.stopping) return;
    if (message.type === 'ready') servers.ready.add(worker);
    if (worker !== servers.starting) return;
    if (message.type === 'ready') tellToStart(servers, worker);
    else if (message.type === 'sources') saves.cover(message.folders);
    else {
      if (message.type === 'failed') giveUp(servers, message.text);
      else takeOver(servers, worker, message);
      servers.waiting = fork(servers, saves);
    }
  });
  worker.on('error', (error) => {
    if (!HAS_LEFT.has(errorCode(error))) printAside(`A server cannot be started or told anything: ${error.message}`);
  });
  worker.on('exit', (code, signal) => onExit(servers, worker, signal || `exit code ${code}`));
  return worker;
}

function tellToStart({ port }: Servers, worker: Worker): void {
  order(worker, { type: 'start', formerPort: port });
}

function takeOver(servers: Servers, worker: Worker, { url, port, greeting, again }: Listening): void {
  if (servers.serving) order(servers.serving, { type: 'stop' });
  if (servers.greeted) print(`Restarted in ${Math.round(performance.now() - servers.began)} ms: ${url}`, ...again);
  else print(...greeting, 'Watching the config and its plugins.');
  Object.assign(servers, { serving: worker, starting: null, port, greeted: true });
}

function giveUp(servers: Servers, text: string): void {
  servers.starting = null;
  printAside(text, servers.serving ? 'The server from before goes on serving. Waiting for the next save.' : 'Waiting for the next save.');
}

function onExit(servers: Servers, worker: Worker, how: string): void {
  if (servers.stopping) return;
  if (worker === servers.waiting) servers.waiting = null; // the next save starts another
  if (worker === servers.starting) giveUp(servers, `The server ended while it started (${how}).`);
  if (worker !== servers.serving) return;
  servers.serving = null;
  printAside(`The server ended (${how}). Waiting for the next save.`);
}

/** A process that is already exiting does not receive the message, and does not need it. */
function order(worker: Worker, message: Order): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function kill(killed: readonly Worker[]): void {
  for (const worker of killed) worker.process.kill('SIGKILL');
}

/** Where the config may be, and what it imports; works even if the server cannot load it. */
function foldersToWatch(config: string | undefined): string[] {
  const cwd = process.cwd();
  const folders = configFolders(cwd, config);
  const configs = config === undefined ? folders.flatMap(configsIn) : [resolve(cwd, config)];
  return [...new Set([...folders, ...configs.flatMap((file) => foldersOf([file], dirname(file)))])];
}

function configsIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.startsWith('allauth.config.')).map((name) => join(folder, name));
}
