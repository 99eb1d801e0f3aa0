import { join } from 'node:path';
import type { Command } from 'commander';
import { nearest } from '../settings/nearest.ts';
import { CommandFailed } from './failure.ts';
import { writeNew } from './files.ts';
import { print, table } from './output.ts';
import { newPlugin, PLUGIN_KINDS } from './plugin-files.ts';

/** `allauth plugin`: starts your own plugins. */
export function addPlugin(program: Command): void {
  const plugin = program.command('plugin').description('Starts your own plugins.');
  const kinds = table([...PLUGIN_KINDS].map(([kind, { setting, point }]) => [`  ${kind}`, setting, point.summary]));
  plugin
    .command('new')
    .argument('<kind>', 'one of the kinds below')
    .argument('<name>', 'of its class, such as AcmeMail or acme-mail')
    .description('Writes a working plugin into ./plugins and prints how to name it in the config. Overwrites nothing.')
    .addHelpText(
      'after',
      `\nKinds, with the setting that names each:\n${kinds.join('\n')}\n\nExample: allauth plugin new mail-sender acme-mail`,
    )
    .action(writePlugin);
}

async function writePlugin(kind: string, name: string, _options: unknown, command: Command): Promise<void> {
  if (!PLUGIN_KINDS.has(kind)) return refuseKind(kind, command);
  const { file, source, config } = await newPlugin(kind, classNameOf(name) ?? refuseName(name, command));
  const path = join(process.cwd(), file);
  if (!(await writeNew(path, source))) throw new CommandFailed(`${path} already exists. Nothing was written.`);
  print(`wrote ${file}`, '', 'Name it in allauth.config.ts:', `  ${config},`, '', 'Then check that it loads: npx allauth config');
}

function refuseKind(kind: string, command: Command): never {
  const kinds = [...PLUGIN_KINDS.keys()];
  const meant = nearest(kind, kinds);
  return command.error(`error: there is no kind "${kind}"${meant === null ? '' : `; did you mean ${meant}?`}\nKinds: ${kinds.join(', ')}`);
}

function refuseName(name: string, command: Command): never {
  return command.error(`error: "${name}" cannot name a class: use letters, digits and hyphens, and a letter first`);
}

/** "acme-mail" → "AcmeMail"; `null` if it cannot name a class. */
function classNameOf(given: string): string | null {
  if (!/^[A-Za-z][A-Za-z\d]*(?:[-_][A-Za-z\d]+)*$/.test(given) || given.length > 100) return null;
  return given.replaceAll(/(?:^|[-_])([A-Za-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
