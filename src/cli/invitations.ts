import { InvalidArgumentError, Option, type Command } from 'commander';
import { createUser } from '../account/flows/create-user.ts';
import { inviteUser, sendReset, type Sender } from '../account/flows/invitations.ts';
import type { Kit } from '../kit/kit.ts';
import { SERVER_ORIGIN } from '../kit/write.ts';
import { LANGUAGES, type Language } from '../texts/languages.ts';
import { advised, BY, describeUser, requireUser } from './accounts.ts';
import { CommandFailed } from './failure.ts';
import { configOption, jsonOption, withKit, type ConfigOption } from './open.ts';
import { print, printAside, printJson } from './output.ts';
import { makeUpPassword, readPassword } from './passwords.ts';

interface NewUserOptions extends ConfigOption {
  username?: string;
  staff?: true;
  json?: true;
}

interface CreateOptions extends NewUserOptions {
  passwordStdin?: true;
  generate?: true;
  verified?: true;
}

interface MailOptions extends ConfigOption {
  language: Language;
  origin?: string;
  json?: true;
}

/** `allauth users create|invite|send-reset`: creates users, whatever ACCOUNT_ALLOW_SIGNUP says. */
export function addInvitations(users: Command): void {
  newUserOptions(users.command('create').description('Makes a user. Without a password the user cannot log in by one yet.'))
    .option('--password-stdin', 'read the password from the first line of stdin')
    .option('--generate', 'make a password up, and print it once')
    .option('--verified', 'the address counts as verified')
    .addHelpText('after', '\nExample: allauth users create ann@example.org --generate')
    .action(runCreate);
  mailOptions(
    newUserOptions(
      users.command('invite').description('Creates a user and mails a link to choose a password; for an invited user, mails it again.'),
    ),
  )
    .addHelpText('after', `\nExample: allauth users invite ann@example.org --language de\n${QUEUED}`)
    .action(runInvite);
  mailOptions(
    users
      .command('send-reset')
      .description('Mails a user a link to choose a new password.')
      .argument('<email>', 'the address of the user, or the user name'),
  )
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', `\nExample: allauth users send-reset ann@example.org\n${QUEUED}`)
    .action(runSendReset);
}

const QUEUED = 'The mail waits in the database until a running server sends it.';

function newUserOptions(command: Command): Command {
  return command
    .argument('<email>', 'the address of the new user')
    .option('--username <name>', 'default: made from the address')
    .option('--staff', 'may use the dashboard')
    .addOption(configOption())
    .addOption(jsonOption());
}

function mailOptions(command: Command): Command {
  return command
    .addOption(new Option('--language <language>', 'of the mail').choices(LANGUAGES).default('en'))
    .option(
      '--origin <url>',
      'where users reach the server, such as https://auth.example.org; for links to its built-in pages',
      parseOrigin,
    );
}

async function runCreate(email: string, options: CreateOptions, command: Command): Promise<void> {
  if (options.passwordStdin && options.generate) command.error('error: --password-stdin and --generate exclude each other');
  const given = options.passwordStdin ? await readPassword() : null;
  await withKit(options, async (kit) => {
    const named = { email, ...(options.username !== undefined && { username: options.username }) };
    const password = given ?? (options.generate ? await makeUpPassword(kit, named) : null);
    const made = { ...named, password, isStaff: options.staff ?? false, verified: options.verified ?? false };
    const user = await advised(kit, named, () => createUser(kit, made, { details: BY }));
    if (options.json) printJson({ ...describeUser(user), ...(options.generate && { password }) });
    else {
      print(`Made the user ${user.email ?? ''} (user name ${user.username}).`);
      if (options.generate && password !== null) print(`Password, shown only this once: ${password}`);
    }
  });
}

async function runInvite(email: string, options: NewUserOptions & MailOptions): Promise<void> {
  await withKit(options, async (kit) => {
    const named = { email, ...(options.username !== undefined && { username: options.username }) };
    const invitation = { ...named, isStaff: options.staff ?? false };
    const { user, made } = await advised(kit, named, () => inviteUser(senderOf(kit, options), invitation, BY));
    if (options.json) printJson({ ...describeUser(user), created: made, mail: 'invitation' });
    else print(`Invited ${user.email ?? ''} (user name ${user.username})${made ? '' : ' once more'}.`);
    printAside(QUEUED);
  });
}

async function runSendReset(name: string, options: MailOptions): Promise<void> {
  await withKit(options, async (kit) => {
    const user = await requireUser(kit, name);
    const mail = await advised(kit, {}, () => sendReset(senderOf(kit, options), user, BY));
    if (options.json) printJson({ ...describeUser(user), mail });
    else print(`Sent ${mail === 'invitation' ? 'the invitation again' : 'a link to choose a new password'} to ${user.email ?? ''}.`);
    printAside(QUEUED);
  });
}

function senderOf(kit: Kit, { language, origin }: MailOptions): Sender {
  const header = (name: string): string => (name.toLowerCase() === 'accept-language' ? language : '');
  return { kit, ...SERVER_ORIGIN, origin: origin ?? knownOrigin(kit), header };
}

/** The URL of the server, from the settings, since there is no request to take it from. @throws {CommandFailed} if they do not contain it */
function knownOrigin({ settings, production }: Kit): string {
  const named = [settings.HEADLESS_FRONTEND_URLS.account_reset_password_from_key, settings.HEADLESS_JWT_ISSUER];
  for (const url of named) if (url && /^https?:/.test(url) && URL.canParse(url)) return new URL(url).origin;
  if (!production) return `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${settings.PORT}`;
  throw new CommandFailed(
    'The settings do not say where the link in the mail is to lead. Give --origin https://…, or set account_reset_password_from_key of HEADLESS_FRONTEND_URLS.',
  );
}

function parseOrigin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search + url.hash + url.username !== '') {
    throw new InvalidArgumentError('It is no origin, such as https://auth.example.org.');
  }
  return url.origin;
}
