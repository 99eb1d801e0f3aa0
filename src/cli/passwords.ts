import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { passwordFaults } from '../kit/credentials/passwords.ts';
import type { Kit } from '../kit/kit.ts';
import { randomSecret } from '../kit/random.ts';
import { CommandFailed } from './failure.ts';

/** Random bytes in a generated password. */
const STRENGTH = 15;

/** Longer than any validator should require. */
const LONG_STRENGTH = 48;

/** A random password that the validators accept, if a random one can satisfy them. */
export async function makeUpPassword(kit: Kit, user: { username?: string; email?: string }): Promise<string> {
  const password = randomSecret(STRENGTH);
  return (await passwordFaults(kit, password, user, 'password')).length === 0 ? password : randomSecret(LONG_STRENGTH);
}

/** The first line of stdin, trimmed as the API trims passwords. @throws {CommandFailed} if it is empty */
export async function readPassword(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer); // stdin has no encoding set
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  if (line.trim() === '') throw new CommandFailed('--password-stdin: there is no password on stdin.');
  return line.trim();
}

/** Asks twice on the terminal, without echo. @throws {CommandFailed} if the two differ */
export async function askPassword(): Promise<string> {
  const password = await askHidden('New password: ');
  if (password === '') throw new CommandFailed('No password was given; nothing was changed.');
  if ((await askHidden('The same again: ')) !== password)
    throw new CommandFailed('These are two different passwords; nothing was changed.');
  return password;
}

async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Acts as a terminal, so that the real one does not echo either.
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const interrupted = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(new CommandFailed('Nothing was changed.'));
    lines.once('SIGINT', stop).once('close', stop);
  });
  try {
    return (await Promise.race([lines.question(''), interrupted])).trim();
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
