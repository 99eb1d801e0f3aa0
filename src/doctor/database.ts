import { pendingMigrations } from '../store/engine/migrate.ts';
import { databaseFacts } from '../store/engine/facts.ts';
import { stuckMails } from '../store/outbox.ts';
import { listPluginCursors } from '../store/plugin-cursors.ts';
import { countStaff } from '../store/users.ts';
import type { Finding } from './finding.ts';
import type { Kit } from '../kit/kit.ts';

/** Seconds by which two clocks may differ. */
const CLOCK_TOLERANCE = 5;

/** What the database tells, of itself and of what is in it. */
export async function databaseFindings(kit: Kit): Promise<Finding[]> {
  try {
    const pending = await pendingMigrations(kit.db);
    if (pending.length > 0) {
      const message = `The schema of the database is not current: ${pending.join(', ')} missing.`;
      return [{ area: 'database', level: 'error', message, advice: 'Run `allauth migrate`.' }];
    }
    return [...(await engineFindings(kit)), ...(await clockFindings(kit)), ...(await contentFindings(kit))];
  } catch (error) {
    kit.log.debug({ err: error }, 'the database does not answer the doctor');
    return [{ area: 'database', level: 'error', message: 'The database does not answer.', advice: 'Check DATABASE, and that it runs.' }];
  }
}

async function engineFindings({ db }: Kit): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (db.dialect === 'sqlite') {
    findings.push({
      area: 'database',
      level: 'warning',
      message: 'The database is SQLite: one machine, one disk.',
      advice: 'Keep it on a local disk, back it up; for several servers use PostgreSQL.',
    });
    return findings;
  }
  const { isSuperuser, isReadOnly } = await databaseFacts(db);
  if (isSuperuser) {
    const message = 'The server uses the database as a superuser.';
    findings.push({
      area: 'database',
      level: 'warning',
      message,
      advice: 'Give it a role of its own that owns its schema and nothing else.',
    });
  }
  if (isReadOnly) {
    const message = 'The database takes no changes: it is a replica, or read-only.';
    findings.push({ area: 'database', level: 'error', message, advice: 'Name the primary in DATABASE.' });
  }
  return findings;
}

async function clockFindings({ db, now }: Kit): Promise<Finding[]> {
  const { time, latestEvent } = await databaseFacts(db);
  const findings: Finding[] = [];
  const difference = Math.round(now() - time);
  if (Math.abs(difference) > CLOCK_TOLERANCE) {
    const message = `This machine's clock and the database's differ by ${Math.abs(difference)} seconds.`;
    findings.push({ area: 'clock', level: 'error', message, advice: 'Keep both right with NTP: tokens and codes live by the clock.' });
  }
  if (latestEvent !== null && latestEvent > now() + CLOCK_TOLERANCE) {
    const message = `The audit log holds an event ${latestEvent - now()} seconds in the future.`;
    findings.push({
      area: 'clock',
      level: 'error',
      message,
      advice: "This machine's clock is behind, or another server's is ahead: keep them right with NTP.",
    });
  }
  return findings;
}

async function contentFindings({ db, settings, now }: Kit): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (settings.ADMIN_ENABLED && (await countStaff(db)) === 0) {
    const message = 'Nobody is staff: nobody can use the dashboard.';
    findings.push({ area: 'accounts', level: 'warning', message, advice: 'Run `allauth users create-admin --email ADDRESS`.' });
  }
  for (const { plugin, failures, pending } of await listPluginCursors(db)) {
    if (failures === 0) continue;
    const message = `The plugin ${plugin} has failed ${failures} times; ${pending} events wait for it.`;
    findings.push({ area: 'plugins', level: 'warning', message, advice: 'The log, and GET plugins of the admin API, tell why.' });
  }
  const mails = await stuckMails(db, now());
  if (mails) {
    const message = `${mails.waiting} mails fail and are tried again, ${mails.failed} were given up within a day (${mails.lastError ?? 'no message'}).`;
    findings.push({
      area: 'mail',
      level: 'warning',
      message,
      advice: 'See to the mail server, then have them tried: on the overview of the dashboard, or POST outbox/retry of the admin API.',
    });
  }
  return findings;
}
