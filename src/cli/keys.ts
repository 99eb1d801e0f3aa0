import { InvalidArgumentError, type Command } from 'commander';
import type { LoadedSettings } from '../settings/index.ts';
import { ALGORITHMS, type Algorithm } from '../tokens/keys/algorithms.ts';
import { generateKey } from '../tokens/keys/generate.ts';
import { inspectKeyRing, type KeyRing } from '../tokens/keys/ring.ts';
import { configOption, jsonOption, load, withIdleKit, type ConfigOption } from './open.ts';
import { print, printAside, printJson, table } from './output.ts';

interface GenerateOptions extends ConfigOption {
  algorithm?: Algorithm;
  json?: true;
}

interface ListOptions extends ConfigOption {
  json?: true;
}

/** `allauth keys`: makes and lists the keys that sign tokens. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Makes and lists the keys that sign tokens.');
  keys
    .command('generate')
    .description('Prints a new signing key, as HEADLESS_JWT_PRIVATE_KEY takes it: PEM, or for HS* plain text. Needs no config.')
    .option('--algorithm <name>', `one of ${ALGORITHMS.join(', ')}; default: that of the config, else RS256`, parseAlgorithm)
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      "\nExample: (umask 077; allauth keys generate --algorithm ES256 > jwt-key.pem)\nThen: HEADLESS_JWT_PRIVATE_KEY: 'file:jwt-key.pem'",
    )
    .action(generate);
  keys
    .command('list')
    .description('Lists the keys in force. Never prints what is private of them.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth keys list --json')
    .action(list);
}

async function generate(options: GenerateOptions): Promise<void> {
  const { pem, kid, algorithm } = await generateKey(options.algorithm ?? (await configuredAlgorithm(options)));
  if (options.json) {
    printJson({ algorithm, kid, key: pem });
    return;
  }
  printAside(kid === null ? `# a secret for ${algorithm}` : `# a key for ${algorithm}, kid ${kid}`);
  print(pem.trimEnd());
}

/** A key may be wanted before there is a config, or because the config lacks one; a file that was named has to be right. */
async function configuredAlgorithm(options: ConfigOption): Promise<Algorithm> {
  try {
    return (await load(options)).settings.HEADLESS_JWT_ALGORITHM;
  } catch (error) {
    if (options.config !== undefined) throw error;
    return 'RS256';
  }
}

function parseAlgorithm(value: string): Algorithm {
  const found = ALGORITHMS.find((each) => each.toLowerCase() === value.toLowerCase());
  if (!found) throw new InvalidArgumentError(`It is none of ${ALGORITHMS.join(', ')}.`);
  return found;
}

async function list(options: ListOptions): Promise<void> {
  const loaded = await load(options);
  const ring = await withIdleKit(loaded, inspectKeyRing);
  const keys = ring ? describeKeys(ring) : [];
  if (options.json) {
    printJson(keys);
    return;
  }
  if (keys.length === 0) print(noKeyYet(loaded));
  else
    print(
      ...table([
        ['KID', 'ALGORITHM', 'USE'],
        ...keys.map(({ kid, algorithm, signs }) => [kid ?? '-', algorithm, signs ? 'signs and verifies' : 'verifies']),
      ]),
    );
}

interface KeyRow {
  /** `null` for HS*. */
  kid: string | null;
  algorithm: Algorithm;
  signs: boolean;
}

function describeKeys({ algorithm, verifying }: KeyRing): KeyRow[] {
  return verifying.map(({ kid = null }, index) => ({ kid, algorithm, signs: index === 0 }));
}

function noKeyYet({ settings }: LoadedSettings): string {
  return `There is no key yet: the first start in development makes one for ${settings.HEADLESS_JWT_ALGORITHM}.`;
}
