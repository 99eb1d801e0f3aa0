import { InvalidArgumentError, type Command } from 'commander';
import { listUsers } from '../store/users.ts';
import { createAdmin, describeUser, requireUser, setActive, setPassword } from './accounts.ts';
import { addInvitations } from './invitations.ts';
import { configOption, jsonOption, withKit, type ConfigOption } from './open.ts';
import { print, printAside, printJson, table, timeText } from './output.ts';
import { askPassword, makeUpPassword, readPassword } from './passwords.ts';

interface CreateOptions extends ConfigOption {
  email: string;
  username?: string;
  passwordStdin?: true;
  json?: true;
}

interface ListOptions extends ConfigOption {
  limit: number;
  json?: true;
}

interface PasswordOptions extends ConfigOption {
  passwordStdin?: true;
  generate?: true;
  json?: true;
}

interface ActiveOptions extends ConfigOption {
  json?: true;
}

/** `allauth users`: manages accounts. */
export function addUsers(program: Command): void {
  const users = program.command('users').description('Makes, invites and lists users, sets passwords.');
  users
    .command('create-admin')
    .description('Makes a staff user. Without --password-stdin its password is made up, and printed once.')
    .requiredOption('--email <address>', 'the address of the admin; it counts as verified')
    .option('--username <name>', 'default: made from the address')
    .option('--password-stdin', 'read the password from the first line of stdin')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth users create-admin --email ann@example.org')
    .action(runCreateAdmin);
  addInvitations(users);
  users
    .command('list')
    .description('Lists the users in the order in which they signed up.')
    .option('--limit <count>', 'at most so many', parseLimit, 100)
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth users list --limit 20')
    .action(runList);
  users
    .command('set-password')
    .description('Sets a password, and ends all sessions of the user. On a terminal it is asked for.')
    .argument('<email>', 'the address of the user, or the user name')
    .option('--password-stdin', 'read the password from the first line of stdin')
    .option('--generate', 'make one up, and print it once')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: allauth users set-password ann@example.org --generate')
    .action(runSetPassword);
  for (const [name, isActive, what] of [
    ['deactivate', false, 'Keeps a user from logging in, and ends all sessions of the user.'],
    ['activate', true, 'Lets a user log in again.'],
  ] as const) {
    users
      .command(name)
      .description(what)
      .argument('<email>', 'the address of the user, or the user name')
      .addOption(configOption())
      .addOption(jsonOption())
      .addHelpText('after', `\nExample: allauth users ${name} ann@example.org\nSessions alone: allauth sessions revoke --user EMAIL --all`)
      .action((user: string, options: ActiveOptions) => runSetActive(user, isActive, options));
  }
}

async function runCreateAdmin({ email, username, ...options }: CreateOptions): Promise<void> {
  const given = options.passwordStdin ? await readPassword() : null;
  await withKit(options, async (kit) => {
    const named = { email, ...(username !== undefined && { username }) };
    const password = given ?? (await makeUpPassword(kit, named));
    const user = await createAdmin(kit, { ...named, password });
    if (options.json) printJson({ ...describeUser(user), ...(given === null && { password }) });
    else {
      print(`Made the admin ${user.email ?? ''} (user name ${user.username}).`);
      if (given === null) print(`Password, shown only this once: ${password}`);
    }
  });
}

async function runList(options: ListOptions): Promise<void> {
  const users = await withKit(options, (kit) => listUsers(kit.db, { limit: options.limit }));
  if (options.json) {
    printJson(users.map(describeUser));
    return;
  }
  const rows = users.map((user) => [
    user.email ?? '-',
    user.username,
    user.isStaff ? 'yes' : 'no',
    user.isActive ? 'yes' : 'no',
    timeText(user.createdAt),
    timeText(user.lastLoginAt) || 'never',
    user.id,
  ]);
  if (rows.length === 0) print('There are no users.');
  else print(...table([['EMAIL', 'USERNAME', 'STAFF', 'ACTIVE', 'JOINED', 'LAST LOGIN', 'ID'], ...rows]));
  if (rows.length === options.limit) printAside(`These are the first ${options.limit}; --limit shows more.`);
}

async function runSetPassword(name: string, options: PasswordOptions, command: Command): Promise<void> {
  if (options.passwordStdin && options.generate) command.error('error: --password-stdin and --generate exclude each other');
  if (!options.passwordStdin && !options.generate && !process.stdin.isTTY) {
    command.error('error: there is no terminal to ask for the password: give --password-stdin or --generate');
  }
  const given = options.passwordStdin ? await readPassword() : null;
  await withKit(options, async (kit) => {
    const user = await requireUser(kit, name);
    const password = given ?? (await (options.generate ? makeUpPassword(kit, {}) : askPassword()));
    const ended = await setPassword(kit, user, password);
    if (options.json) printJson({ ...describeUser(user), ended_sessions: ended, ...(options.generate && { password }) });
    else {
      print(`Set the password of ${user.email ?? user.username}; sessions that ended: ${ended}.`);
      if (options.generate) print(`Password, shown only this once: ${password}`);
    }
  });
}

async function runSetActive(name: string, isActive: boolean, options: ActiveOptions): Promise<void> {
  await withKit(options, async (kit) => {
    const user = await requireUser(kit, name);
    const ended = await setActive(kit, user, isActive);
    if (options.json) printJson({ ...describeUser({ ...user, isActive }), ended_sessions: ended });
    else print(`${isActive ? 'Activated' : 'Deactivated'} ${user.email ?? user.username}; sessions that ended: ${ended}.`);
  });
}

function parseLimit(value: string): number {
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) throw new InvalidArgumentError('It is no whole number from 1 to 100000.');
  return limit;
}
