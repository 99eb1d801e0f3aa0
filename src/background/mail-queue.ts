import type { MailMessage } from '../contracts/plug-points/mail-sender.ts';
import type { Kit } from '../kit/kit.ts';
import { onMailWritten } from '../kit/outbox.ts';
import { claimMails, eraseSentMail, giveUpMail, nextMailAt, postponeMail, type ClaimedMail } from '../store/outbox.ts';
import { withinLimit } from '../store/engine/within-limit.ts';
import { keepForDevelopment } from '../mail/development.ts';
import { openMail, type QueuedSms } from '../mail/seal.ts';

/** Seconds for which an instance that has taken a mail on keeps the others from it. */
const LEASE = 120;
/** Milliseconds in which a mail must be handed over; well within the lease. */
const SEND_LIMIT = 90_000;
/** Mails that are sent at once. */
const BATCH = 5;
/** Milliseconds after which the outbox is looked at anyway: other instances write to it too. */
const INTERVAL = 5_000;
/** Milliseconds that mails under way get when the server stops. */
const GRACE = 5_000;
/** Seconds before the second try; each further one waits twice as long. */
const FIRST_DELAY = 15;
const LONGEST_DELAY = 6 * 3600;
/** With the delays above, the last try is a day and a half after the first. */
const MOST_ATTEMPTS = 17;

/**
 * Sends what is in the outbox, in the background: at once when this process wrote it, else within some seconds. Several servers share the work.
 * A mail that could not be sent is tried again, ever later, and given up in the end. One that was sent is erased; where the process dies between
 * the two, it is sent twice rather than never.
 * @returns what stops it: takes no more mails on, and waits a little for those under way
 */
export function startMailQueue(kit: Kit): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> | null = null;
  let again = false;
  const look = (): void => {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = drain(kit, () => stopped).finally(() => {
      running = null;
      if (again) {
        again = false;
        look();
      }
    });
  };
  onMailWritten(kit, look);
  const timer = setInterval(look, INTERVAL * (0.8 + 0.4 * Math.random()));
  timer.unref();
  look();
  return async () => {
    stopped = true;
    clearInterval(timer);
    if (running) await Promise.race([running, after(GRACE)]);
  };
}

/** Sends all that is due, batch after batch. A database that is away ends the round; the next one goes on. */
async function drain(kit: Kit, isStopped: () => boolean): Promise<void> {
  try {
    while (!isStopped()) {
      const next = await nextMailAt(kit.db);
      if (next === null || next > kit.now()) return;
      const mails = await claimMails(kit.db, kit.now(), kit.now() + LEASE, BATCH);
      if (mails.length === 0) return;
      await Promise.all(mails.map((mail) => deliver(kit, mail)));
    }
  } catch (error) {
    if (!isStopped()) kit.log.error({ err: error }, 'the outbox could not be read');
  }
}

async function deliver(kit: Kit, claimed: ClaimedMail): Promise<void> {
  const mail = await openMail(kit, claimed);
  if (mail === 'unreadable') return giveUp(kit, claimed, 'written under another SECRET_KEY');
  if ('kind' in mail && mail.to !== '' && mail.expiresAt <= kit.now()) return dropExpired(kit, claimed);
  try {
    if (mail.to !== '') await handOver(kit, mail);
  } catch (error) {
    return fail(kit, claimed, error);
  }
  await eraseSentMail(kit.db, claimed);
}

async function handOver(kit: Kit, message: MailMessage | QueuedSms): Promise<void> {
  if ('kind' in message) {
    const sender = kit.plugins.SMS_SENDER;
    if (!sender) throw new Error('SMS_SENDER is not set');
    const { kind: _, ...sms } = message;
    return withinLimit(sender.send(sms), SEND_LIMIT, tooLong);
  }
  await withinLimit(kit.plugins.MAIL_SENDER.send(message), SEND_LIMIT, tooLong);
  keepForDevelopment(kit, message);
}

/** The code in it is void, and another one was most likely asked for: it would only confuse. */
async function dropExpired(kit: Kit, claimed: ClaimedMail): Promise<void> {
  kit.log.error({ mail: claimed.id, attempts: claimed.attempts }, 'an SMS could not be sent before its code was void, and was dropped');
  await eraseSentMail(kit.db, claimed);
}

async function fail(kit: Kit, claimed: ClaimedMail, error: unknown): Promise<void> {
  const why = describe(error);
  if (isPermanent(error) || claimed.attempts >= MOST_ATTEMPTS) return giveUp(kit, claimed, why);
  const delay = Math.min(FIRST_DELAY * 2 ** (claimed.attempts - 1), LONGEST_DELAY);
  kit.log.warn({ mail: claimed.id, attempts: claimed.attempts, why }, `a mail could not be sent; next try in ${delay} s`);
  await postponeMail(kit.db, claimed, kit.now() + delay, why);
}

async function giveUp(kit: Kit, claimed: ClaimedMail, why: string): Promise<void> {
  kit.log.error({ mail: claimed.id, attempts: claimed.attempts, why }, 'a mail could not be sent and was given up');
  await giveUpMail(kit.db, claimed, kit.now(), why);
}

/** A sender says so with a member `permanent`: the server knows no such address. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'permanent') === true;
}

/** Codes only: what a mail server says may quote addresses. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  const parts = ['code', 'responseCode'].map((name): unknown => Reflect.get(error, name));
  const codes = parts.filter((part) => typeof part === 'number' || (typeof part === 'string' && /^[A-Z0-9_]{1,40}$/.test(part)));
  return codes.length > 0 ? codes.join(' ') : error.name;
}

function tooLong(): Error {
  return Object.assign(new Error('the sender took too long'), { code: 'ETIMEDOUT' });
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
