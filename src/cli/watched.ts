import cluster from 'node:cluster';
import { createServer, type AddressInfo } from 'node:net';
import { allowTypeScript } from '../settings/hooks.ts';
import type { LoadedSettings } from '../settings/index.ts';
import { openDatabase } from '../store/engine/open.ts';
import { describeFailure } from './failure.ts';
import { load, type ConfigOption } from './open.ts';
import { sourceFolders } from './sources.ts';
import { start, type StartOptions } from './start.ts';

/** What `allauth serve --watch` was called with. */
export interface WatchOptions extends ConfigOption, StartOptions {}

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
export type Report =
  { type: 'ready' } | { type: 'sources'; folders: string[] } | { type: 'failed'; text: string } | { type: 'stopped' } | Listening;

/** What it is told. `formerPort`: the one that was found for PORT 0 before; `null`: none was yet. */
export type Order = { type: 'start'; formerPort: number | null } | { type: 'stop' } | { type: 'leave' };

/**
 * Starts when told to, and serves until told to stop, as one of the processes of --watch. Prints nothing: what it has to say goes to the
 * process that watches.
 */
export async function serveWatched(options: WatchOptions): Promise<void> {
  // A Ctrl-C reaches all processes of the terminal; it is the watching one that says when to stop.
  process.on('SIGINT', () => undefined);
  const stop = new Promise<void>((resolve) => {
    process.on('message', (order: Order) => order.type === 'stop' && resolve()).on('SIGTERM', () => resolve());
  });
  const leave = new Promise<void>((resolve) => {
    process.on('message', (order: Order) => order.type === 'leave' && resolve()).once('disconnect', () => resolve());
  });
  try {
    const { formerPort } = await untilStart();
    const loaded = await load(options);
    await report({ type: 'sources', folders: sourceFolders(loaded) });
    const port = await choosePort(loaded, options, formerPort);
    const { running, greeting, again } = await start(loaded, { ...options, port });
    await report({ type: 'listening', url: running.url, port, greeting, again });
    await stop;
    await running.close();
    // A connection may be on its way from the process that watches, which gives it to another server only while this one can say no.
    await report({ type: 'stopped' });
    await leave;
  } catch (error) {
    await report({ type: 'failed', text: describeFailure(error) });
    process.exitCode = 1;
  }
  cluster.worker?.disconnect();
}

/** Loads meanwhile what every start loads: a save is answered by a process that has only the config and the plugins left to read. */
async function untilStart(): Promise<Extract<Order, { type: 'start' }>> {
  const told = new Promise<Extract<Order, { type: 'start' }>>((resolve) => {
    process.on('message', (order: Order) => order.type === 'start' && resolve(order));
  });
  await report({ type: 'ready' });
  await allowTypeScript();
  await (await openDatabase('sqlite://:memory:', { folder: process.cwd() })).close();
  return told;
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
  { host = settings.HOST, port = settings.PORT }: WatchOptions,
  formerPort: number | null,
): Promise<number> {
  if (port !== 0) return port;
  if (formerPort !== null) return formerPort;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host, port: 0, exclusive: true }, resolve));
  const { port: free } = probe.address() as AddressInfo; // a TCP server that listens has an address of this form
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
