import { InvalidArgumentError, type Command } from 'commander';
import type { KeyInfo } from '../contracts/plug-points/signing-keys.ts';
import type { LoadedSettings } from '../settings/index.ts';
import { pendingMigrations } from '../store/engine/migrate.ts';
import { openDatabase } from '../store/engine/open.ts';
import { ALGORITHMS, type Algorithm } from '../contracts/algorithms.ts';
import { generateKey } from '../tokens/keys/generate-key.ts';
import { listStoredKeys } from '../tokens/keys/database-key-store.ts';
import { areKeysInDatabase } from '../tokens/keys/configured-keys.ts';
import { inspectKeys } from '../tokens/keys/open-keys.ts';
import { CommandFailed } from './failure.ts';
import { databaseToAsk } from './migrate.ts';
import { configOption, jsonOption, load, withIdleKit, withKit, type ConfigOption } from './open.ts';
import { print, printAside, printJson, table, timeText } from './output.ts';

interface GenerateOptions extends ConfigOption {
  algorithm?: Algorithm;
  json?: true;
}

interface ListOptions extends ConfigOption {
  json?: true;
}

interface RotateOptions extends ConfigOption {
  now?: true;
  json?: true;
}

interface WithdrawOptions extends ConfigOption {
  json?: true;
}

/** `allauth keys`: creates, lists and changes signing keys. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Makes, lists and changes the keys that sign tokens.');
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
  keys
    .command('rotate')
    .description(
      'Makes a new key where the keys are in the database, or in a file that this user may write. It is published at once and signs some ' +
        'minutes later, when all have seen it; the old one verifies until its last token has expired. Running servers follow without a restart.',
    )
    .option(
      '--now',
      'let the new key, or the one that waits, sign at once: services that hold an older key set may refuse its tokens until they fetch it again',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth keys rotate')
    .action(rotate);
  keys
    .command('withdraw')
    .argument('<kid>', 'the key, as `allauth keys list` shows it')
    .description(
      'Takes away a key that was stolen: what it has signed is refused at once, which ends the logins of apps. If it is the key that signs, ' +
        'another one signs first. Running servers follow within seconds; services that verify by themselves when they fetch the key set again.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth keys withdraw u3xKpM…')
    .action(withdraw);
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

/** A key may be created before there is a config, or because the config lacks one. A file that was named must be valid. */
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
  const keys = areKeysInDatabase(loaded) ? await keysInDatabase(loaded) : await keysInSettings(loaded);
  if (options.json) {
    printJson(keys.map(keyRow));
    return;
  }
  if (keys.length === 0) print(noKeyYet(loaded));
  else
    print(
      ...table([
        ['KID', 'ALGORITHM', 'CREATED', 'USE'],
        ...keys.map((key) => [key.kid ?? key.name ?? '-', key.algorithm, timeText(key.createdAt) || '-', useOf(key)]),
      ]),
    );
}

async function rotate(options: RotateOptions): Promise<void> {
  const immediately = options.now === true;
  const result = await withKit(options, ({ plugins }) => plugins.HEADLESS_TOKEN_STRATEGY.rotateKey({ immediately }));
  if (!result.rotated) {
    if (options.json) printJson(result);
    throw new CommandFailed(result.instruction);
  }
  const { key } = result;
  if (options.json) printJson({ rotated: true, key: keyRow(key) });
  else print(`The key ${keyName(key)} ${useOf(key)}.`);
  if (immediately) {
    printAside(
      'Services that verify by themselves and hold an older key set may refuse its tokens until they fetch it again, for up to 5 minutes.',
    );
  }
}

async function withdraw(kid: string, options: WithdrawOptions): Promise<void> {
  const result = await withKit(options, ({ plugins }) => plugins.HEADLESS_TOKEN_STRATEGY.withdrawKey({ kid }));
  if (!result.withdrawn) {
    if (options.json) printJson(result);
    throw new CommandFailed(result.instruction);
  }
  const { signing } = result;
  if (options.json) printJson({ withdrawn: true, signing: keyRow(signing) });
  else print(`The key ${kid} is withdrawn. The key ${keyName(signing)} signs.`);
  printAside(
    'Services that verify by themselves accept its tokens until they fetch the key set again: guards of this package within 330 seconds, if they can.',
  );
}

function keyName({ kid, name, algorithm }: KeyInfo): string {
  return kid ?? name ?? `for ${algorithm}`;
}

function keyRow({ kid, name, algorithm, state, createdAt, signsFrom, verifiesUntil }: KeyInfo) {
  return {
    kid,
    ...(name !== undefined && { name }),
    algorithm,
    signs: state === 'signing',
    state,
    created_at: createdAt,
    signs_from: signsFrom ?? null,
    verifies_until: verifiesUntil ?? null,
  };
}

function useOf({ state, signsFrom, verifiesUntil }: KeyInfo): string {
  if (state === 'signing') return 'signs and verifies';
  if (state === 'next') return signsFrom === undefined ? 'is to sign' : `signs from ${timeText(signsFrom)} on`;
  return verifiesUntil === undefined || verifiesUntil === null ? 'verifies' : `verifies until ${timeText(verifiesUntil)}`;
}

async function keysInSettings(loaded: LoadedSettings): Promise<readonly KeyInfo[]> {
  return (await withIdleKit(loaded, inspectKeys)) ?? [];
}

/** Creates neither a database nor a key. */
async function keysInDatabase(loaded: LoadedSettings): Promise<readonly KeyInfo[]> {
  const db = await openDatabase(databaseToAsk(loaded), { folder: loaded.folder });
  try {
    if ((await pendingMigrations(db)).length > 0) return [];
    return await listStoredKeys({ db, settings: loaded.settings, now: () => Math.floor(Date.now() / 1000) });
  } finally {
    await db.close();
  }
}

function noKeyYet({ settings }: LoadedSettings): string {
  const start = areKeysInDatabase({ settings }) ? 'the first start' : 'the first start in development';
  return `There is no key yet: ${start} makes one for ${settings.HEADLESS_JWT_ALGORITHM}.`;
}
