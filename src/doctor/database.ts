import { pendingMigrations } from '../store/engine/migrate.ts';
import { databaseFacts } from '../store/engine/facts.ts';
import { stuckMails } from '../store/outbox.ts';
import { listPluginCursors } from '../store/plugin-cursors.ts';
import { countStaff } from '../store/users.ts';
import type { Finding } from './finding.ts';
import type { Kit } from '../kit/kit.ts';

/** Tolerated difference of two clocks, seconds. */
const CLOCK_TOLERANCE = 5;

/** Findings about the database and its content. */
export async function databaseFindings(kit: Kit): Promise<Finding[]> {
  try {
    const pending = await pendingMigrations(kit.db);
    if (pending.length > 0) {
      const message = `The database schema is out of date: ${pending.join(', ')} missing.`;
      return [{ area: 'database', level: 'error', message, advice: 'Run `allauth migrate`.' }];
    }
    return [...(await engineFindings(kit)), ...(await clockFindings(kit)), ...(await contentFindings(kit))];
  } catch (error) {
    kit.log.debug({ err: error }, 'the database does not answer the doctor');
    return [
      {
        area: 'database',
        level: 'error',
        message: 'The database does not answer.',
        advice: 'Check DATABASE, and that the database is running.',
      },
    ];
  }
}

async function engineFindings({ db }: Kit): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (db.dialect === 'sqlite') {
    findings.push({
      area: 'database',
      level: 'warning',
      message: 'The database is SQLite: one machine, one disk.',
      advice: 'Keep it on a local disk and back it up. For several servers use PostgreSQL.',
    });
    return findings;
  }
  const { isSuperuser, isReadOnly } = await databaseFacts(db);
  if (isSuperuser) {
    const message = 'The server connects to the database as a superuser.';
    findings.push({
      area: 'database',
      level: 'warning',
      message,
      advice: 'Create a role that owns the schema of this server and nothing else.',
    });
  }
  if (isReadOnly) {
    const message = 'The database is a replica, or read-only.';
    findings.push({ area: 'database', level: 'error', message, advice: 'Set DATABASE to the primary.' });
  }
  return findings;
}

async function clockFindings({ db, now }: Kit): Promise<Finding[]> {
  const { time, latestEvent } = await databaseFacts(db);
  const findings: Finding[] = [];
  const difference = Math.round(now() - time);
  if (Math.abs(difference) > CLOCK_TOLERANCE) {
    const message = `The clocks of this machine and of the database differ by ${Math.abs(difference)} seconds.`;
    findings.push({
      area: 'clock',
      level: 'error',
      message,
      advice: 'Synchronize both with NTP: the lifetimes of tokens and codes depend on the clock.',
    });
  }
  if (latestEvent !== null && latestEvent > now() + CLOCK_TOLERANCE) {
    const message = `The audit log has an event ${latestEvent - now()} seconds in the future.`;
    findings.push({
      area: 'clock',
      level: 'error',
      message,
      advice: "This machine's clock is slow, or another server's is fast. Synchronize them with NTP.",
    });
  }
  return findings;
}

async function contentFindings({ db, settings, now }: Kit): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (settings.ADMIN_ENABLED && (await countStaff(db)) === 0) {
    const message = 'There are no staff users, so the dashboard cannot be used.';
    findings.push({ area: 'accounts', level: 'warning', message, advice: 'Run `allauth users create-admin --email ADDRESS`.' });
  }
  for (const { plugin, failures, pending } of await listPluginCursors(db)) {
    if (failures === 0) continue;
    const message = `The plugin ${plugin} has failed ${failures} times; ${pending} events are waiting.`;
    findings.push({ area: 'plugins', level: 'warning', message, advice: 'See the log, or GET plugins of the admin API, for the reason.' });
  }
  const mails = await stuckMails(db, now());
  if (mails) {
    const message = `${mails.waiting} mails failed and are retried; ${mails.failed} failed for good within a day (${mails.lastError ?? 'no message'}).`;
    findings.push({
      area: 'mail',
      level: 'warning',
      message,
      advice: 'Check the mail server, then retry them on the overview of the dashboard, or with POST outbox/retry of the admin API.',
    });
  }
  return findings;
}
