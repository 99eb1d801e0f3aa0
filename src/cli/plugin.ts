import { join } from 'node:path';
import type { Command } from 'commander';
import { nearest } from '../settings/nearest.ts';
import { CommandFailed } from './failure.ts';
import { writeNew } from './files.ts';
import { print, table } from './output.ts';
import { kebab, PLUGIN_KINDS } from './plugin-files.ts';

/** `allauth plugin`: starts plugins of one's own. */
export function addPlugin(program: Command): void {
  const plugin = program.command('plugin').description('Starts plugins of your own.');
  const kinds = table(Object.entries(PLUGIN_KINDS).map(([kind, { about, setting }]) => [`  ${kind}`, setting, about]));
  plugin
    .command('new')
    .argument('<kind>', 'what it is to be, see below')
    .argument('<name>', 'of its class, such as AcmeMail or acme-mail')
    .description('Writes a plugin that works into ./plugins, and says how the config names it. Overwrites nothing.')
    .addHelpText(
      'after',
      `\nKinds, with the setting that names each:\n${kinds.join('\n')}\n\nExample: allauth plugin new mail-sender acme-mail`,
    )
    .action(writePlugin);
}

async function writePlugin(kind: string, given: string, _options: unknown, command: Command): Promise<void> {
  if (!isKind(kind)) return refuseKind(kind, command);
  const known = PLUGIN_KINDS[kind];
  const name = className(given);
  if (name === null) return command.error(`error: "${given}" can be no name of a class: letters, digits and hyphens, a letter first`);
  const file = `plugins/${kebab(name)}.ts`;
  const path = join(process.cwd(), file);
  if (!(await writeNew(path, known.text(name)))) throw new CommandFailed(`There is ${path} already. Nothing was written.`);
  print(
    `wrote ${file}`,
    '',
    'Name it in allauth.config.ts:',
    `  ${known.config(`./${file}#${name}`)}`,
    '',
    'Then look whether it loads: npx allauth config',
  );
}

function isKind(kind: string): kind is keyof typeof PLUGIN_KINDS {
  return Object.hasOwn(PLUGIN_KINDS, kind);
}

function refuseKind(kind: string, command: Command): never {
  const kinds = Object.keys(PLUGIN_KINDS);
  const meant = nearest(kind, kinds);
  return command.error(`error: there is no kind "${kind}"${meant === null ? '' : `; did you mean ${meant}?`}\nKinds: ${kinds.join(', ')}`);
}

/** "acme-mail" → "AcmeMail"; `null` for what cannot be one. */
function className(given: string): string | null {
  if (!/^[A-Za-z][A-Za-z\d]*(?:[-_][A-Za-z\d]+)*$/.test(given) || given.length > 100) return null;
  return given.replaceAll(/(?:^|[-_])([A-Za-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
