import { createConnection } from 'node:net';
import { once } from 'node:events';
import { REQUIRED } from './required.ts';

/** The Redis of the tests. Environment: ALLAUTH_TEST_REDIS, a URL. */
export const REDIS_URL = process.env['ALLAUTH_TEST_REDIS'] ?? 'redis://127.0.0.1:6379';

/** Why tests on Redis are skipped; false if they run. */
export const withoutRedis: string | false = REQUIRED ? false : await whyAbsent();

async function whyAbsent(): Promise<string | false> {
  const { hostname, port } = new URL(REDIS_URL);
  const socket = createConnection({ host: hostname, port: Number(port || 6379) });
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return `no Redis at ${hostname}:${port}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    socket.destroy();
  }
}
