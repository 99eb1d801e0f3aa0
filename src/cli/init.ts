import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { parseDatabaseConfig } from '../store/engine/config.ts';
import { ALGORITHMS } from '../contracts/algorithms.ts';
import { CommandFailed } from './failure.ts';
import { writeNew } from './files.ts';
import { configText, IGNORED, STANDARD, type Choices } from './init-files.ts';
import { print, table } from './output.ts';
import { newPlugin } from './plugin-files.ts';

const CONFIG = 'allauth.config';

/** An extension that is loaded as an ES module whatever package.json says, so that it works in every project. */
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'];

/** `allauth init`: creates a config with comments, and a sample plugin. */
export function addInit(program: Command): void {
  program
    .command('init')
    .description(`Writes ${CONFIG}.ts, which explains each line, and a sample plugin. Overwrites nothing.`)
    .option('--yes', 'ask nothing')
    .addHelpText('after', '\nExample: allauth init --yes && allauth serve --watch')
    .action(async ({ yes }: { yes?: true }) => {
      const folder = process.cwd();
      refuseConfig(folder);
      await writeAll(folder, yes || !process.stdin.isTTY || !process.stdout.isTTY ? STANDARD : await ask());
    });
}

function refuseConfig(folder: string): void {
  const present = EXTENSIONS.map((extension) => CONFIG + extension).find((name) => existsSync(join(folder, name)));
  if (present) throw new CommandFailed(`There is ${join(folder, present)} already. Nothing was written.`);
}

async function writeAll(folder: string, choices: Choices): Promise<void> {
  const config = join(folder, `${CONFIG}.ts`);
  const plugin = await newPlugin('token-strategy', 'MyTokenStrategy');
  if (!(await writeNew(config, configText(choices, plugin.config))))
    throw new CommandFailed(`There is ${config} already. Nothing was written.`);
  const isNew = await writeNew(join(folder, plugin.file), plugin.source);
  const ignored = await ignore(folder);
  print(
    ...table([
      ['wrote', `${CONFIG}.ts`, 'the settings, explained'],
      [isNew ? 'wrote' : 'left as it is', plugin.file, 'your own token strategy'],
      ...(ignored ? [[ignored, '.gitignore', `keeps ${IGNORED.join(' and ')} out of the repository`]] : []),
    ]),
    '',
    'Next:',
    ...(isInstalled(folder) ? [] : ['  npm install allauth-kit']),
    '  npx allauth serve --watch',
  );
}

/** Adds missing lines to .gitignore; creates the file in a git repository. @returns what it did; `null` for nothing */
async function ignore(folder: string): Promise<'wrote' | 'added to' | null> {
  const path = join(folder, '.gitignore');
  if (!existsSync(path)) {
    return isInRepository(folder) && (await writeNew(path, `${IGNORED.join('\n')}\n`)) ? 'wrote' : null;
  }
  const text = await readFile(path, 'utf8');
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const missing = IGNORED.filter((pattern) => !lines.includes(pattern));
  if (missing.length === 0) return null;
  await appendFile(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`);
  return 'added to';
}

function isInRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true;
  const parent = dirname(folder);
  return parent !== folder && isInRepository(parent);
}

function isInstalled(folder: string): boolean {
  try {
    createRequire(join(folder, 'x.js')).resolve('allauth-kit/package.json');
    return true;
  } catch {
    return false;
  }
}

async function ask(): Promise<Choices> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const gone = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new CommandFailed('\nNothing was written.')));
  });
  const question = async <Answer>(text: string, standard: string, read: (answer: string) => Answer | null): Promise<Answer> => {
    for (;;) {
      const answer = await Promise.race([lines.question(`${text} [${standard}] `), gone]);
      const found = read(answer.trim() || standard);
      if (found !== null) return found;
    }
  };
  try {
    print('Enter takes what stands in brackets.');
    const database = await question('Database (sqlite://./FILE or postgresql://USER@HOST/NAME)', STANDARD.database, readDatabase);
    const stateful = await question('Should logging out count at once, at a database read per request? (yes, no)', 'yes', readYes);
    const algorithm = await question('Algorithm of the tokens', STANDARD.algorithm, readAlgorithm);
    return { database, stateful, algorithm };
  } finally {
    gone.catch(() => undefined); // closing is no longer an error
    lines.close();
  }
}

function readDatabase(answer: string): string | null {
  try {
    parseDatabaseConfig(answer, '/');
    return answer;
  } catch {
    return null;
  }
}

function readYes(answer: string): boolean | null {
  return /^(?:y|yes)$/i.test(answer) ? true : /^(?:n|no)$/i.test(answer) ? false : null;
}

function readAlgorithm(answer: string): Choices['algorithm'] | null {
  return ALGORITHMS.find((each) => each.toLowerCase() === answer.toLowerCase()) ?? null;
}
