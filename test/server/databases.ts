import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { defer } from '../support/cleanup.ts';
import { POSTGRESQL, testDatabase } from '../support/database.ts';

/** A database that can be taken away from the servers that use it, and brought back. */
export interface FallibleDatabase {
  readonly DATABASE: NonNullable<Config['DATABASE']>;
  readonly takeAway: () => Promise<void>;
  readonly bringBack: () => Promise<void>;
}

/** SQLite: its folder is renamed. PostgreSQL: it is reached through a relay that stops. */
export async function fallibleDatabase(t: TestContext): Promise<FallibleDatabase> {
  return POSTGRESQL === null ? behindFolder(t) : behindRelay(t, POSTGRESQL);
}

function behindFolder(t: TestContext): FallibleDatabase {
  const root = mkdtempSync(join(tmpdir(), 'allauth-away-'));
  defer(t, () => rmSync(root, { recursive: true, force: true }));
  const [here, away] = [join(root, 'here'), join(root, 'away')];
  mkdirSync(here);
  return {
    DATABASE: `sqlite://${here}/test.sqlite3`,
    takeAway: async () => renameSync(here, away),
    bringBack: async () => renameSync(away, here),
  };
}

async function behindRelay(t: TestContext, target: string): Promise<FallibleDatabase> {
  const config = await testDatabase(t);
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(Number(port || 5432), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  let at = 0;
  const start = (): Promise<void> => new Promise((resolve) => relay.listen(at, '127.0.0.1', resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      relay.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  await start();
  at = (relay.address() as AddressInfo).port;
  defer(t, () => (relay.listening ? stop() : undefined));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(at);
  return {
    DATABASE: { ...(config as object), connection: { connectionString: url.href } } as FallibleDatabase['DATABASE'],
    takeAway: stop,
    bringBack: start,
  };
}
