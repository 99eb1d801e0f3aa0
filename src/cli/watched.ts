import cluster from 'node:cluster';
import { createServer, type AddressInfo } from 'node:net';
import { allowTypeScript } from '../settings/hooks.ts';
import type { LoadedSettings } from '../settings/index.ts';
import { openDatabase } from '../store/engine/open.ts';
import { describeFailure } from './failure.ts';
import { load, type ConfigOption } from './open.ts';
import { sourceFolders } from './sources.ts';
import { start, type StartOptions } from './start.ts';

/** The options of `allauth serve --watch`. */
export interface WatchOptions extends ConfigOption, StartOptions {}

/** It is serving. */
export interface Listening {
  type: 'listening';
  url: string;
  port: number;
  /** What to print at the first start. */
  greeting: string[];
  /** What to print at later starts. */
  again: string[];
}

/** The messages of a server under --watch to the process that started it. */
export type Report =
  { type: 'ready' } | { type: 'sources'; folders: string[] } | { type: 'failed'; text: string } | { type: 'stopped' } | Listening;

/** The messages to it. `formerPort`: the port that was chosen for PORT 0 before; `null` if none was. */
export type Order = { type: 'start'; formerPort: number | null } | { type: 'stop' } | { type: 'leave' };

/**
 * Starts when told to, and serves until told to stop, as one of the processes of --watch. Prints nothing itself: all output goes to the
 * watching process.
 */
export async function serveWatched(options: WatchOptions): Promise<void> {
  // A Ctrl-C reaches all processes of the terminal, but the watching process decides when to stop.
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
    // The watching process may be handing over a connection, and passes it to another server only while this one can still decline it.
    await report({ type: 'stopped' });
    await leave;
  } catch (error) {
    await report({ type: 'failed', text: describeFailure(error) });
    process.exitCode = 1;
  }
  cluster.worker?.disconnect();
}

/** Loads in advance what every start needs, so that after a save only the config and the plugins have to be loaded. */
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

/** For port 0, the port that was chosen before, or a free one: successive servers must share the port by its number. */
async function choosePort(
  { settings }: LoadedSettings,
  { host = settings.HOST, port = settings.PORT }: WatchOptions,
  formerPort: number | null,
): Promise<number> {
  if (port !== 0) return port;
  if (formerPort !== null) return formerPort;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host, port: 0, exclusive: true }, resolve));
  const { port: free } = probe.address() as AddressInfo; // a listening TCP server has an address of this form
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
