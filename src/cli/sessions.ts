import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Kit } from '../kit/kit.ts';
import { endAllOfUser, endSessions } from '../kit/sessions/end.ts';
import { SERVER_ORIGIN, write } from '../kit/write.ts';
import {
  browseSessions,
  findListedSession,
  SESSION_STATES,
  type ListedSession,
  type SessionFilter,
  type SessionState,
} from '../store/lists/sessions.ts';
import { BY, requireUser } from './accounts.ts';
import { CommandFailed } from './failure.ts';
import { configOption, jsonOption, withKit, type ConfigOption } from './open.ts';
import { print, printAside, printJson, table, timeText } from './output.ts';

interface FilterOptions extends ConfigOption {
  q?: string;
  user?: string;
  json?: true;
}

interface ListOptions extends FilterOptions {
  state: SessionState;
  limit: number;
}

interface RevokeOptions extends FilterOptions {
  all?: true;
  expected?: number;
  reason?: string;
}

/** `allauth sessions`: lists and ends the sessions of all users. */
export function addSessions(program: Command): void {
  const sessions = program.command('sessions').description("Lists and revokes all users' sessions.");
  filterOptions(sessions.command('list').description('Lists sessions, the newest first.'))
    .addOption(new Option('--state <state>', 'which').choices(SESSION_STATES).default('active'))
    .option('--limit <count>', 'at most so many', parseCount, 100)
    .addHelpText('after', '\nExample: allauth sessions list --user ann@example.org --state any')
    .action(runList);
  filterOptions(sessions.command('revoke').description('Ends sessions, and with them their refresh tokens.'))
    .argument('[ids...]', 'the ids of sessions, as `sessions list` shows them')
    .option('--all', 'all that run, or all that the other options leave')
    .option('--expected <count>', 'revoke nothing unless it is so many', parseCount)
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText('after', '\nExample: allauth sessions revoke --user ann@example.org --all --reason "stolen laptop"')
    .action(runRevoke);
}

function filterOptions(command: Command): Command {
  return command
    .option('--user <name>', 'of the user with this address or user name')
    .option('--q <text>', 'of users whose address or name has it, or from addresses that begin with it')
    .addOption(configOption())
    .addOption(jsonOption());
}

async function runList(options: ListOptions): Promise<void> {
  const found = await withKit(options, async (kit) => {
    const filter = await toFilter(kit, options, options.state);
    return browseSessions(kit.db, filter, { order: 'created_at', descending: true, after: null, limit: options.limit }, kit.now());
  });
  if (options.json) {
    printJson(found.map(describe));
    return;
  }
  const rows = found.map(({ session, user }) => [
    user?.email ?? user?.username ?? '-',
    session.ip,
    timeText(session.createdAt),
    timeText(session.lastSeenAt),
    session.endedAt === null ? '-' : `${timeText(session.endedAt)} (${session.endedReason ?? ''})`,
    session.sid,
  ]);
  if (rows.length === 0) print('There are no such sessions.');
  else print(...table([['USER', 'ADDRESS', 'STARTED', 'LAST SEEN', 'ENDED', 'ID'], ...rows]));
  if (rows.length === options.limit) printAside(`These are the first ${options.limit}; --limit shows more.`);
}

async function runRevoke(ids: string[], options: RevokeOptions, command: Command): Promise<void> {
  if (ids.length > 0 === (options.all === true)) command.error('error: give either the ids of sessions or --all');
  if (ids.length > 0 && (options.user !== undefined || options.q !== undefined)) command.error('error: --user and --q go with --all');
  const revoked = await withKit(options, (kit) => revoke(kit, ids, options));
  if (options.json) printJson({ revoked });
  else print(`Revoked sessions: ${revoked}.`);
}

async function revoke(kit: Kit, ids: readonly string[], { expected, reason = '', ...options }: RevokeOptions): Promise<number> {
  const sids = ids.map((id) => id.toLowerCase());
  for (const sid of sids) {
    if (!(await findListedSession(kit.db, sid, kit.now()))) throw new CommandFailed(`There is no session ${sid}. Nothing was revoked.`);
  }
  const filter = await toFilter(kit, options, 'any');
  const which = sids.length > 0 ? { sids } : { filter };
  // Ending all of a user's sessions also voids pending logins, codes and links.
  const allOf = sids.length === 0 && filter.q === undefined ? filter.userId : undefined;
  const note = reason.trim().slice(0, 500) || null;
  return write(kit, SERVER_ORIGIN, async (writing) => {
    const cause = { by: null, note, details: BY };
    const ended =
      allOf === undefined
        ? await endSessions(writing, which, { ...cause, reason: 'revoked' })
        : await endAllOfUser(writing, { userId: allOf }, cause);
    if (expected !== undefined && ended.length !== expected) {
      throw new CommandFailed(`There are ${ended.length} sessions to revoke, not ${expected}. Nothing was revoked.`);
    }
    return ended.length;
  });
}

async function toFilter(kit: Kit, { q, user }: FilterOptions, state: SessionState): Promise<SessionFilter> {
  const userId = user === undefined ? undefined : (await requireUser(kit, user)).id;
  return { state, q: q?.trim() || undefined, userId };
}

/** With the names of the admin API. */
function describe({ session, user, endedNote }: ListedSession) {
  return {
    id: session.sid,
    user: user && { id: user.id, email: user.email, username: user.username },
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
    expires_at: session.expiresAt,
    revoked_at: session.endedAt,
    revoked_by: session.endedBy,
    revoked_reason: endedNote ?? session.endedReason,
    revoked_kind: session.endedReason,
    ip: session.ip,
    user_agent: session.userAgent,
  };
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!/^\d+$/.test(value) || count > 100_000) throw new InvalidArgumentError('It is no whole number up to 100000.');
  return count;
}
