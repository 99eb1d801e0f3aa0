import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What a server has used up to now. */
export interface Usage {
  /** Milliseconds of CPU time, of all its threads. */
  cpu: number;
  /** Resident set, MiB. */
  rss: number;
}

/** What a server in a child process says, over its IPC channel. */
export type Message = { listening: string } | { usage: Usage };

/** Whether servers get a CPU of their own and the load another one. */
export const PINNED = availableParallelism() > 1 && spawnSync('taskset', ['-p', String(process.pid)]).status === 0;

/** Keeps the load off the servers' CPU. */
export function pinLoad(): void {
  if (PINNED) spawnSync('taskset', ['-a', '-c', '-p', '0', String(process.pid)]);
}

/** Lets this process, and what it starts from now on, run anywhere. */
export function freeLoad(): void {
  if (PINNED) spawnSync('taskset', ['-a', '-c', '-p', `0-${cpus().length - 1}`, String(process.pid)]);
}

/** Milliseconds in which a server has to listen. */
const START_LIMIT = 60_000;

/** Runs a server in a separate process. Its log goes to a file, as in production. */
export class Child {
  readonly url: string;
  /** Milliseconds from starting the process until it listened. */
  readonly startTime: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, url: string, startTime: number) {
    this.#process = child;
    this.url = url;
    this.startTime = startTime;
  }

  /** Starts `node SCRIPT CONFIG` and waits until it listens. @throws {Error} with the log of a server that does not come up */
  static async start(script: string, config: string, folder: string): Promise<Child> {
    const log = join(folder, 'log');
    const [command = '', ...args] = [...(PINNED ? ['taskset', '-c', '1'] : []), process.execPath, script, config];
    const started = performance.now();
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', openSync(log, 'a'), 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    });
    const message = await nextMessage(child).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`${script} did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause: error });
    });
    if (!('listening' in message)) throw new Error(`${script} said something else than where it listens`);
    return new Child(child, message.listening, performance.now() - started);
  }

  async usage(): Promise<Usage> {
    const answer = nextMessage(this.#process);
    this.#process.send('usage');
    const message = await answer;
    if (!('usage' in message)) throw new Error('the server does not tell its usage');
    return message.usage;
  }

  /**
   * Milliseconds of CPU time that the main thread has used, once it is idle. Linux: `sum_exec_runtime` of the scheduler, which is exact while a thread
   * does not run.
   */
  async mainThreadCpu(): Promise<number> {
    const { pid } = this.#process;
    const read = (): string => readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0] ?? '';
    for (let before = read(); ;) {
      await setTimeout(2);
      const after = read();
      if (after === before) return Number(after) / 1e6;
      before = after;
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const limit = globalThis.setTimeout(() => this.#process.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(limit);
  }
}

function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      clearTimeout(limit);
      child.off('message', heard).off('exit', gone).off('error', gone);
      then();
    };
    const heard = (message: unknown): void => settle(() => resolve(message as Message)); // the servers here send nothing else
    const gone = (): void => settle(() => reject(new Error('the server has stopped')));
    const limit = globalThis.setTimeout(() => settle(() => reject(new Error('the server does not answer'))), START_LIMIT);
    child.on('message', heard).on('exit', gone).on('error', gone);
  });
}
