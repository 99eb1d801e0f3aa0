#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addConfig } from './cli/config.ts';
import { describeFailure } from './cli/failure.ts';
import { addDoctor } from './cli/doctor.ts';
import { addInit } from './cli/init.ts';
import { addKeys } from './cli/keys.ts';
import { addMigrate } from './cli/migrate.ts';
import { printAside } from './cli/output.ts';
import { addPlugin } from './cli/plugin.ts';
import { addServe } from './cli/serve.ts';
import { addSessions } from './cli/sessions.ts';
import { addUsers } from './cli/users.ts';
import { errorCode } from './log/error-code.ts';

/** Exit codes of every command: 0 success, 1 failure, 2 wrong usage. */
const FAILED = 1;
const CALLED_WRONGLY = 2;

// The reader of the output may close the pipe early.
process.stdout.on('error', (error) => process.exit(errorCode(error) === 'EPIPE' ? 0 : FAILED));
process.exitCode = await run(createProgram());
// A config or a plugin may leave timers or connections open.
process.stdout.write('', () => process.exit());

function createProgram(): Command {
  const program = new Command('allauth')
    .description("An auth server that speaks django-allauth's headless API.")
    .version(versionOfPackage(), '--version', 'print the version')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 called wrongly.\nExample: allauth init && allauth serve --watch');
  for (const add of [addServe, addInit, addConfig, addMigrate, addKeys, addDoctor, addUsers, addSessions, addPlugin]) add(program);
  return program;
}

async function run(program: Command): Promise<number> {
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // commander has already printed what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : CALLED_WRONGLY;
    printAside(describeFailure(error));
    return FAILED;
  }
}

/** The package imports itself by name, so that it is found from `src` and from `dist`. */
function versionOfPackage(): string {
  const { version } = createRequire(import.meta.url)('allauth-kit/package.json') as { version: string };
  return version;
}
