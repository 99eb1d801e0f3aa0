import cluster from 'node:cluster';
import { createServer, type AddressInfo } from 'node:net';
import type { LoadedSettings } from '../settings/index.ts';
import { describeFailure } from './failure.ts';
import { load, type ConfigOption } from './open.ts';
import { sourceFolders } from './sources.ts';
import { start, type StartOptions } from './start.ts';

/** What `allauth serve --watch` was called with; its processes hand it on as it is. */
export interface WatchOptions extends ConfigOption, StartOptions {
  /** The port that was found for PORT 0 before. */
  formerPort?: number;
}

/** It serves. */
export interface Listening {
  type: 'listening';
  url: string;
  port: number;
  /** What to print the first time. */
  greeting: string[];
  /** What of it to print every other time. */
  again: string[];
}

/** What a server under --watch tells the process that started it. */
export type Report = { type: 'sources'; folders: string[] } | { type: 'failed'; text: string } | Listening;

/** What it is told. */
export type Order = 'stop';

/** Serves until told to stop, as one of the processes of --watch. Prints nothing: what it has to say goes to the process that watches. */
export async function serveWatched(options: WatchOptions): Promise<void> {
  // A Ctrl-C reaches all processes of the terminal; it is the watching one that says when to stop.
  process.on('SIGINT', () => undefined);
  const stop = new Promise<void>((resolve) => {
    process.on('message', (order: Order) => order === 'stop' && resolve()).on('SIGTERM', () => resolve());
  });
  try {
    const loaded = await load(options);
    await report({ type: 'sources', folders: sourceFolders(loaded) });
    const port = await choosePort(loaded, options);
    const { running, greeting, again } = await start(loaded, { ...options, port });
    await report({ type: 'listening', url: running.url, port, greeting, again });
    await stop;
    await running.close();
  } catch (error) {
    await report({ type: 'failed', text: describeFailure(error) });
    process.exitCode = 1;
  }
  cluster.worker?.disconnect();
}

function report(message: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!process.send) return reject(new Error('there is no process that watches'));
    process.send(message, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}

/** For 0 the one that was found before, else a free one: the servers that follow each other must share it by its number. */
async function choosePort(
  { settings }: LoadedSettings,
  { host = settings.HOST, port = settings.PORT, formerPort }: WatchOptions,
): Promise<number> {
  if (port !== 0) return port;
  if (formerPort !== undefined) return formerPort;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host, port: 0, exclusive: true }, resolve));
  const { port: free } = probe.address() as AddressInfo; // a TCP server that listens has an address of this form
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
