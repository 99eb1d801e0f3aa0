import type { Command } from 'commander';
import { examine } from '../doctor/doctor.ts';
import type { Finding } from '../doctor/finding.ts';
import { SettingsError } from '../settings/index.ts';
import { describeFailure } from './failure.ts';
import { configOption, jsonOption, load, withKit, type ConfigOption } from './open.ts';
import { print, printJson } from './output.ts';

interface DoctorOptions extends ConfigOption {
  json?: true;
}

/** `allauth doctor`: whether settings and database are fit for production. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'Says what is not fit for production, and what to do: keys, cookies, https, mail, database, clock. Exit code 1 where there is an error.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: NODE_ENV=production allauth doctor')
    .action(showFindings);
}

async function showFindings(options: DoctorOptions): Promise<void> {
  const findings = await gather(options);
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (options.json) printJson({ ok: errors === 0, findings });
  else if (findings.length === 0) print('Nothing found: this is fit for production.');
  else print(...findings.flatMap(describe), `${errors} errors, ${findings.length - errors} warnings.`);
  if (errors > 0) process.exitCode = 1;
}

/** An error that prevents the server from starting is a finding too. */
async function gather(options: ConfigOption): Promise<Finding[]> {
  try {
    const { warnings } = await load(options);
    const advice = 'Take it out, or know that it does nothing.';
    return [
      ...(await withKit(options, examine)),
      ...warnings.map((message): Finding => ({ area: 'mode', level: 'warning', message, advice })),
    ];
  } catch (error) {
    const area = error instanceof SettingsError ? 'mode' : 'database';
    return describeFailure(error)
      .split('\n')
      .map((message): Finding => ({ area, level: 'error', message, advice: 'The server does not start with it: see `allauth config`.' }));
  }
}

function describe({ area, level, message, advice }: Finding): string[] {
  return [`${level === 'error' ? 'ERROR  ' : 'warning'} ${area}: ${message}`, `        ${advice}`];
}
