import { listen, openAllauth, type Running } from '../server.ts';
import type { LoadedSettings } from '../settings/index.ts';
import { ensureAdmin, type AdminState } from './admin.ts';
import { errorCode } from '../log/error-code.ts';
import { CommandFailed } from './failure.ts';
import { greet, greetAdmin } from './greeting.ts';

export interface StartOptions {
  host?: string;
  port?: number;
}

export interface Started {
  running: Running;
  /** What to print at the first start. */
  greeting: string[];
  /** What to print at later starts. */
  again: string[];
}

/** Starts a listening server, with its first admin. @throws {CommandFailed} if it cannot listen; what `openAllauth` throws */
export async function start(
  loaded: LoadedSettings,
  { host = loaded.settings.HOST, port = loaded.settings.PORT }: StartOptions,
): Promise<Started> {
  const allauth = await openAllauth(loaded);
  let running: Running;
  try {
    running = await listen(allauth, { host, port });
  } catch (error) {
    await allauth.close();
    throw describeListenError(error, host, port);
  }
  try {
    // Created last: a failed start must not create an admin whose password is never shown.
    const admin: AdminState = await ensureAdmin(allauth.kit);
    return { running, greeting: await greet(allauth.kit, running, admin), again: greetAdmin(admin) };
  } catch (error) {
    await running.close();
    throw error;
  }
}

function describeListenError(error: unknown, host: string, port: number): unknown {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new CommandFailed(`Another program listens on ${where} already. Stop it, or give another --port (setting PORT).`);
    case 'EACCES':
      return new CommandFailed(`This user may not listen on ${where}. Give a --port of 1024 or more (setting PORT).`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandFailed(`${host} is no address of this machine. Give another --host (setting HOST).`);
    default:
      return error;
  }
}
