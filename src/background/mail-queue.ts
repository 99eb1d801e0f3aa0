import type { MailMessage } from '../contracts/plug-points/mail-sender.ts';
import { backOff, type BackOff } from '../kit/back-off.ts';
import type { Kit } from '../kit/kit.ts';
import { onMailWritten } from '../kit/outbox.ts';
import { claimMails, eraseSentMail, giveUpMail, nextMailAt, postponeMail, type ClaimedMail } from '../store/outbox.ts';
import { withinLimit } from '../store/engine/within-limit.ts';
import { keepForDevelopment } from '../mail/development.ts';
import { openMail, type QueuedSms } from '../mail/seal.ts';

/** Seconds for which a mail that a server has claimed is not claimed by another. */
const LEASE = 120;
/** Milliseconds for sending a mail; well within the lease. */
const SEND_LIMIT = 90_000;
/** Mails that are sent at the same time. */
const BATCH = 5;
/** Milliseconds between two reads of the outbox, to which other servers write too. */
const INTERVAL = 5_000;
/** Milliseconds that the server waits for mails being sent when it stops. */
const GRACE = 5_000;
/** Seconds between two tries. */
const RETRY: BackOff = { first: 15, longest: 6 * 3600 };
/** With these delays, the last try is a day and a half after the first. */
const MAX_ATTEMPTS = 17;

/**
 * Sends the mails of the outbox in the background: at once if this process wrote them, otherwise within seconds. Servers share the work. A mail that
 * could not be sent is retried at growing intervals, and fails for good in the end. A sent mail is erased; if the process dies in between, it is sent
 * twice rather than never.
 * @returns a function that stops it, and waits a little for mails that are being sent
 */
export function startMailQueue(kit: Kit): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> | null = null;
  let again = false;
  const poll = (): void => {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = drain(kit, () => stopped).finally(() => {
      running = null;
      if (again) {
        again = false;
        poll();
      }
    });
  };
  onMailWritten(kit, poll);
  const timer = setInterval(poll, INTERVAL * (0.8 + 0.4 * Math.random()));
  timer.unref();
  poll();
  return async () => {
    stopped = true;
    clearInterval(timer);
    if (running) await Promise.race([running, after(GRACE)]);
  };
}

/** Sends all due mails, batch after batch. Ends if the database does not answer; the next round continues. */
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

/** Its code has expired, and the user has probably requested another one. */
async function dropExpired(kit: Kit, claimed: ClaimedMail): Promise<void> {
  kit.log.error({ mail: claimed.id, attempts: claimed.attempts }, 'an SMS could not be sent before its code expired, and was dropped');
  await eraseSentMail(kit.db, claimed);
}

async function fail(kit: Kit, claimed: ClaimedMail, error: unknown): Promise<void> {
  const why = describe(error);
  if (isPermanent(error) || claimed.attempts >= MAX_ATTEMPTS) return giveUp(kit, claimed, why);
  const delay = backOff(RETRY, claimed.attempts);
  kit.log.warn({ mail: claimed.id, attempts: claimed.attempts, why }, `a mail could not be sent; next try in ${delay} s`);
  await postponeMail(kit.db, claimed, kit.now() + delay, why);
}

async function giveUp(kit: Kit, claimed: ClaimedMail, why: string): Promise<void> {
  kit.log.error({ mail: claimed.id, attempts: claimed.attempts, why }, 'a mail could not be sent and was given up');
  await giveUpMail(kit.db, claimed, kit.now(), why);
}

/** Whether a retry is pointless, such as for an unknown address: senders set `permanent` on the error. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'permanent') === true;
}

/** The error's codes only: the message of a mail server may quote addresses. */
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
