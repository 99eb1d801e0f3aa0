import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { defer } from '../support/cleanup.ts';
import { layDevelopmentKey } from '../support/development-key.ts';
import { CHECKOUT, programOf } from '../support/program.ts';
import { secret } from '../support/secrets.ts';
import { until } from '../support/until.ts';

/** The real command line. */
const COMMAND = programOf('src/cli.ts');

/** A folder with these files, in which the package is installed; it goes when the test ends. */
export class Project {
  readonly folder: string;

  constructor(t: TestContext, files: Readonly<Record<string, string>> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'allauth-cli-'));
    defer(t, () => rmSync(this.folder, { recursive: true, force: true }));
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(CHECKOUT, join(this.folder, 'node_modules/allauth-kit'), 'dir');
    for (const [name, text] of Object.entries({ 'package.json': '{ "name": "project" }', ...files })) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], { input = '', env = {} }: RunOptions = {}): Promise<Finished> {
    const running = this.#spawn(args, env);
    running.child.stdin?.end(input);
    const code = await running.ended;
    return { code, stdout: running.stdout, stderr: running.stderr };
  }

  /** Starts a command that goes on; it is killed when the test ends. In a process group of its own, so that a test can press Ctrl-C. */
  start(t: TestContext, args: readonly string[], { env = {} }: RunOptions = {}): Running {
    const running = this.#spawn(args, env);
    defer(t, async () => {
      running.signal('SIGKILL');
      await running.ended;
    });
    return running;
  }

  #spawn(args: readonly string[], env: Readonly<Record<string, string>>): Running {
    const { PATH = '' } = process.env;
    if (args[0] === 'serve') layDevelopmentKey(this.folder, 'allauth');
    // Nothing of the environment of the tests may stand over the settings.
    return new Running(
      spawn(process.execPath, [...COMMAND, ...args], { cwd: this.folder, env: { PATH, PORT: '0', ...env }, detached: true }),
    );
  }
}

export interface RunOptions {
  input?: string;
  env?: Readonly<Record<string, string>>;
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export class Running {
  readonly child: ChildProcess;
  /** Its exit code; `null`: a signal ended it. */
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';
  #over = false;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => {
      child.on('close', (code) => {
        this.#over = true;
        resolve(code);
      });
    });
  }

  /** Sends a signal to all its processes, as a terminal does. Does nothing if it never started, or has ended: its id may be another process's by then. */
  signal(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined || this.#over) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // It is ending.
    }
  }

  /** The first match on stdout, once it is there. */
  said(pattern: RegExp): Promise<string> {
    return this.#match(() => this.stdout, pattern);
  }

  /** The first match on stderr, once it is there. */
  complained(pattern: RegExp): Promise<string> {
    return this.#match(() => this.stderr, pattern);
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    return (await this.said(/listens on \S+/)).replace('listens on ', '');
  }

  async #match(read: () => string, pattern: RegExp): Promise<string> {
    await until(() => {
      if (this.#over && !pattern.test(read())) throw new Error(`it ended without ${String(pattern)}:\n${this.stdout}\n${this.stderr}`);
      return pattern.test(read());
    });
    return pattern.exec(read())?.[0] ?? '';
  }
}

/** The admin that a start printed. */
export function adminIn(stdout: string): { email: string; password: string } {
  const email = /address +(\S+)/.exec(stdout)?.[1] ?? '';
  const password = /password +(\S+)$/m.exec(stdout)?.[1] ?? '';
  secret(password);
  return { email, password };
}

/** The request of the curl line that a start printed. */
export function curlIn(stdout: string): { url: string; body: string } {
  const [, url = '', body = ''] = /curl -s (\S+) -d '([^']+)'/.exec(stdout) ?? [];
  return { url, body };
}

/** A strategy that holds each token pair back until there is a file `go`, and says in a file `held` that it does. */
export const HOLDING_PLUGIN = `
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JWTTokenStrategy } from 'allauth-kit/plugin';

export class Holding extends JWTTokenStrategy {
  async getClaims() {
    writeFileSync(join(this.kit.folder, 'held'), '');
    while (!existsSync(join(this.kit.folder, 'go'))) await new Promise((resolve) => setTimeout(resolve, 10));
    return {};
  }
}
`;

/** A config with settings, in the form of a file. */
export function configOf(settings: object): string {
  return `import { defineConfig } from 'allauth-kit';\nexport default defineConfig(${JSON.stringify(settings)});\n`;
}
